import { isObject, listAt, objectAt, textAt } from './objects.ts';
import type { JsonObject, KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';

interface Column {
  name: string;
  type: 'string' | 'integer' | 'date';
  cell: (object: KubeObject) => unknown;
}

const text = (name: string, cell: Column['cell']): Column => ({ name, type: 'string', cell });
const number = (name: string, cell: Column['cell']): Column => ({ name, type: 'integer', cell });

const name = text('Name', (object) => object.metadata.name);
const age = text('Age', (object) => sinceTime(object.metadata.creationTimestamp));

function sinceTime(time: string | undefined): string {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(time ?? '')) / 1000));
  if (Number.isNaN(seconds)) return '<unknown>';
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

const spec = (object: KubeObject, field: string): unknown => objectAt(object, 'spec')[field];
const status = (object: KubeObject, field: string): unknown => objectAt(object, 'status')[field];
function count(object: KubeObject, part: string, field: string): number {
  const value = objectAt(object, part)[field];
  return typeof value === 'number' ? value : 0;
}

const dataCount = (object: KubeObject): number => Object.keys(objectAt(object, 'data')).length;

const roleOf = text('Role', (object) => {
  const ref = objectAt(object, 'roleRef');
  return `${textAt(ref, 'kind')}/${textAt(ref, 'name')}`;
});

const columns: Record<string, Column[]> = {
  namespaces: [name, text('Status', (object) => status(object, 'phase')), age],
  secrets: [name, text('Type', (object) => object['type']), number('Data', dataCount), age],
  configmaps: [name, number('Data', dataCount), age],
  serviceaccounts: [name, number('Secrets', (object) => listAt(object, 'secrets').length), age],
  pods: [
    name,
    text('Ready', (object) => {
      const containers = containerStatuses(object);
      return `${containers.filter((each) => each['ready'] === true).length}/${Math.max(1, containers.length)}`;
    }),
    text('Status', (object) => podStatus(object)),
    number('Restarts', () => 0),
    age,
  ],
  services: [
    name,
    text('Type', (object) => spec(object, 'type')),
    text('Cluster-IP', (object) => spec(object, 'clusterIP')),
    text('External-IP', () => '<none>'),
    text('Port(s)', (object) => servicePorts(object)),
    age,
  ],
  deployments: [
    name,
    text('Ready', (object) => `${count(object, 'status', 'readyReplicas')}/${count(object, 'spec', 'replicas')}`),
    number('Up-to-date', (object) => status(object, 'updatedReplicas') ?? 0),
    number('Available', (object) => status(object, 'availableReplicas') ?? 0),
    age,
  ],
  cronjobs: [
    name,
    text('Schedule', (object) => spec(object, 'schedule')),
    text('Timezone', (object) => spec(object, 'timeZone') ?? '<none>'),
    text('Suspend', (object) => (spec(object, 'suspend') === true ? 'True' : 'False')),
    number('Active', (object) => listAt(objectAt(object, 'status'), 'active').length),
    text('Last Schedule', (object) => lastSchedule(object)),
    age,
  ],
  jobs: [
    name,
    text('Status', () => 'Running'),
    text('Completions', (object) => `${count(object, 'status', 'succeeded')}/${count(object, 'spec', 'completions')}`),
    text('Duration', () => ''),
    age,
  ],
  leases: [name, text('Holder', (object) => spec(object, 'holderIdentity')), age],
  events: [
    text('Last Seen', (object) => sinceTime(lastSeen(object))),
    text('Type', (object) => object['type']),
    text('Reason', (object) => object['reason']),
    text('Object', (object) => involved(object)),
    text('Message', (object) => object['message'] ?? object['note']),
  ],
  roles: [name, { name: 'Created At', type: 'date', cell: (object) => object.metadata.creationTimestamp }],
  clusterroles: [name, { name: 'Created At', type: 'date', cell: (object) => object.metadata.creationTimestamp }],
  rolebindings: [name, roleOf, age],
  clusterrolebindings: [name, roleOf, age],
};

function lastSeen(object: KubeObject): string {
  const times = ['lastTimestamp', 'deprecatedLastTimestamp', 'eventTime'].map((field) => textAt(object, field));
  return times.find((time) => time !== '') ?? '';
}

function involved(object: KubeObject): string {
  const subject = isObject(object['involvedObject']) ? object['involvedObject'] : objectAt(object, 'regarding');
  return `${textAt(subject, 'kind').toLowerCase()}/${textAt(subject, 'name')}`;
}

function lastSchedule(object: KubeObject): string {
  const time = textAt(object['status'], 'lastScheduleTime');
  return time === '' ? '<none>' : sinceTime(time);
}

function servicePorts(object: KubeObject): string {
  const ports = listAt(objectAt(object, 'spec'), 'ports').filter(isObject);
  return ports.map((port) => `${String(port['port'])}/${textAt(port, 'protocol') || 'TCP'}`).join(',') || '<none>';
}

function columnsOf(resource: Resource): Column[] {
  return columns[resource.plural] ?? [name, age];
}

/** The columns that `kubectl get` shows for a resource. */
export function tableColumns(resource: Resource): JsonObject[] {
  return columnsOf(resource).map((column) => ({
    name: column.name,
    type: column.type,
    format: column === name ? 'name' : '',
    description: column.name,
    priority: 0,
  }));
}

/** The cells of one object, in the order of the columns. */
export function tableRow(resource: Resource, object: KubeObject): unknown[] {
  return columnsOf(resource).map((column) => column.cell(object) ?? '');
}

function containerStatuses(object: KubeObject): JsonObject[] {
  return listAt(objectAt(object, 'status'), 'containerStatuses').filter(isObject);
}

/** Why a container waits or how it ended says more than the phase of the pod. */
function podStatus(object: KubeObject): string {
  const states = containerStatuses(object).map((each) => objectAt(each, 'state'));
  const reasons = states.flatMap((state) =>
    ['waiting', 'terminated'].map((name) => textAt(objectAt(state, name), 'reason')),
  );
  return reasons.find((reason) => reason !== '') ?? textAt(objectAt(object, 'status'), 'phase');
}
