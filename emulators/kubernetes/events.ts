import { objectAt, textAt } from './objects.ts';
import type { JsonObject, KubeObject } from './objects.ts';
import { groupVersion } from './resources.ts';
import type { Resource } from './resources.ts';

/** The names that core/v1 has for the fields of an events.k8s.io/v1 Event. */
const coreNames: Record<string, string> = {
  regarding: 'involvedObject',
  note: 'message',
  reportingController: 'reportingComponent',
  deprecatedSource: 'source',
  deprecatedFirstTimestamp: 'firstTimestamp',
  deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedCount: 'count',
};
const newNames = Object.fromEntries(Object.entries(coreNames).map(([name, core]) => [core, name]));

function renamed(object: KubeObject, names: Record<string, string>, apiVersion: string): KubeObject {
  const fields: JsonObject = {};
  for (const [field, value] of Object.entries(object)) fields[names[field] ?? field] = value;
  return { ...fields, kind: 'Event', apiVersion, metadata: object.metadata };
}

const isCoreEvent = (resource: Resource): boolean => resource.storage === 'events' && resource.group === '';

/** The object as it is stored: events in the form of the newer API. */
export function toStored(resource: Resource, object: KubeObject): KubeObject {
  if (!isCoreEvent(resource)) return object;
  const event = renamed(object, newNames, 'events.k8s.io/v1');
  const component = textAt(objectAt(event, 'deprecatedSource'), 'component');
  if (textAt(event, 'reportingController') === '' && component !== '') event['reportingController'] = component;
  // What tells a write through the old API, which may leave out `eventTime`, from one through the new.
  if (event['eventTime'] === undefined) event['deprecatedFirstTimestamp'] ??= null;
  return event;
}

const emptyEventFields = { deprecatedSource: {}, deprecatedFirstTimestamp: null, deprecatedLastTimestamp: null };

/** The stored object as one API presents it. */
export function toPresented(resource: Resource, object: KubeObject): KubeObject {
  if (resource.storage !== 'events') return object;
  const { kind, apiVersion, metadata } = object;
  const whole = { ...emptyEventFields, ...object, kind, apiVersion, metadata };
  return resource.group === '' ? renamed(whole, coreNames, groupVersion(resource)) : whole;
}
