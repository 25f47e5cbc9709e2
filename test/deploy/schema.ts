/**
 * Whether an object is one that Kubernetes knows: no field of another name, each value of its type. The rules are those that
 * `kubernetes-models` generates from the API's own description.
 */
import * as admission from 'kubernetes-models/admissionregistration.k8s.io/v1';
import * as apps from 'kubernetes-models/apps/v1';
import * as batch from 'kubernetes-models/batch/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as rbac from 'kubernetes-models/rbac.authorization.k8s.io/v1';
import * as core from 'kubernetes-models/v1';

export type Manifest = { apiVersion: string; kind: string; metadata: { name: string; namespace?: string } };

const groups: Record<string, object> = {
  v1: core,
  'admissionregistration.k8s.io/v1': admission,
  'apps/v1': apps,
  'batch/v1': batch,
  'networking.k8s.io/v1': networking,
  'policy/v1': policy,
  'rbac.authorization.k8s.io/v1': rbac,
};

/** Kinds of the Prometheus Operator that are shipped: their fields, and of each list the fields of its items. */
type Fields = { [name: string]: 'string' | 'map' | Fields | [Fields] };

const metadata: Fields = { name: 'string', namespace: 'string', labels: 'map' };
const monitoring: Record<string, Fields> = {
  ServiceMonitor: {
    selector: { matchLabels: 'map' },
    endpoints: [{ port: 'string', path: 'string', interval: 'string', scrapeTimeout: 'string' }],
  },
  PrometheusRule: {
    groups: [
      {
        name: 'string',
        rules: [{ alert: 'string', expr: 'string', for: 'string', labels: 'map', annotations: 'map' }],
      },
    ],
  },
};

/** What is wrong with the object, each with its path; empty where nothing is. */
export function faultsOf(object: Manifest): string[] {
  const own = object.apiVersion === 'monitoring.coreos.com/v1' ? monitoring[object.kind] : undefined;
  if (own !== undefined) {
    const whole: Fields = { apiVersion: 'string', kind: 'string', metadata, spec: own };
    return ownFaults(whole, object, object.kind);
  }
  // Every model is a class with `validate`, which throws what is wrong.
  const Model = Reflect.get(groups[object.apiVersion] ?? {}, object.kind) as
    | { prototype: { validate(): void } }
    | undefined;
  if (Model === undefined) return [`${object.apiVersion} ${object.kind} is not known`];
  const observed = new Map<string, Observed>();
  return [...valueFaults(Model, observe(object, object.kind, observed)), ...unreadFields(observed)];
}

function ownFaults(fields: Fields, value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path}: is no object`];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const at = `${path}.${name}`;
    const wanted = fields[name];
    if (wanted === undefined) return [`${at}: no such field`];
    if (wanted === 'string') return typeof inner === 'string' ? [] : [`${at}: is ${typeof inner}, not string`];
    if (wanted === 'map') return mapFaults(inner, at);
    if (!Array.isArray(wanted)) return ownFaults(wanted, inner, at);
    if (!Array.isArray(inner)) return [`${at}: is no list`];
    return inner.flatMap((item, index) => ownFaults(wanted[0], item, `${at}[${index}]`));
  });
}

function mapFaults(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [`${path}: is no map`];
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'string' ? [] : [`${path}.${name}: is no text`],
  );
}

function valueFaults(Model: { prototype: { validate(): void } }, object: unknown): string[] {
  try {
    Model.prototype.validate.call(object);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

type Observed = { value: object; read: Set<string>; proxy: object };

/** Its validators let unknown fields pass, but never read one. So the value is handed over as one that notes what is read. */
function observe(value: unknown, path: string, observed: Map<string, Observed>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = observed.get(path);
  if (known !== undefined) return known.proxy;
  const read = new Set<string>();
  const proxy = new Proxy(value, {
    get(target, name): unknown {
      if (typeof name === 'symbol') return Reflect.get(target, name);
      read.add(name);
      return observe(Reflect.get(target, name), `${path}.${name}`, observed);
    },
  });
  observed.set(path, { value, read, proxy });
  return proxy;
}

function unreadFields(observed: ReadonlyMap<string, Observed>): string[] {
  return [...observed].flatMap(([path, { value, read }]) =>
    Object.keys(value).flatMap((name) => (read.has(name) ? [] : [`${path}.${name}: no such field`])),
  );
}
