/**
 * Whether an object is one that Kubernetes 1.36 knows: no field of another name, each value of its type. The types are those
 * that `@kubernetes/client-node` generates from the API's own description; values that have rules beyond their type are checked
 * by `kubernetes-models`.
 */
import * as client from '@kubernetes/client-node';
import * as apps from 'kubernetes-models/apps/v1';
import * as batch from 'kubernetes-models/batch/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as rbac from 'kubernetes-models/rbac.authorization.k8s.io/v1';
import * as core from 'kubernetes-models/v1';

export type Manifest = { apiVersion: string; kind: string; metadata: { name: string; namespace?: string } };

type Attribute = { baseName: string; type: string };
type Schema = { getAttributeTypeMap(): Attribute[] };

const groups: Record<string, object> = {
  v1: core,
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
  const schema = schemaOf(`V1${object.kind}`);
  if (schema === undefined) return [`${object.apiVersion} ${object.kind} is not known`];
  return [...fieldFaults(schema, object, object.kind), ...valueFaults(object)];
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

function schemaOf(type: string): Schema | undefined {
  const found: unknown = Reflect.get(client, type);
  // Every generated model is a class with this static function.
  return typeof found === 'function' && 'getAttributeTypeMap' in found ? (found as unknown as Schema) : undefined;
}

function fieldFaults(schema: Schema, value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path}: is no object`];
  const attributes = new Map(schema.getAttributeTypeMap().map(({ baseName, type }) => [baseName, type]));
  return Object.entries(value).flatMap(([name, inner]) => {
    const type = attributes.get(name);
    return type === undefined ? [`${path}.${name}: no such field`] : typeFaults(type, inner, `${path}.${name}`);
  });
}

function typeFaults(type: string, value: unknown, path: string): string[] {
  const list = /^Array<(.+)>$/.exec(type)?.[1];
  if (list !== undefined) {
    if (!Array.isArray(value)) return [`${path}: is no list`];
    return value.flatMap((item, index) => typeFaults(list, item, `${path}[${index}]`));
  }
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (map !== undefined) {
    if (typeof value !== 'object' || value === null) return [`${path}: is no map`];
    return Object.entries(value).flatMap(([key, item]) => typeFaults(map, item, `${path}.${key}`));
  }
  if (type === 'IntOrString') return ['number', 'string'].includes(typeof value) ? [] : [`${path}: is no ${type}`];
  if (['string', 'number', 'boolean'].includes(type)) {
    return typeof value === type ? [] : [`${path}: is ${typeof value}, not ${type}`];
  }
  const schema = schemaOf(type);
  return schema === undefined ? [`${path}: its type ${type} is not known`] : fieldFaults(schema, value, path);
}

function valueFaults(object: Manifest): string[] {
  const Model: unknown = Reflect.get(groups[object.apiVersion] ?? {}, object.kind);
  if (typeof Model !== 'function') return [`${object.apiVersion} ${object.kind} is not known`];
  try {
    // Every model takes the object and has `validate`, which throws what is wrong.
    (Reflect.construct(Model, [object]) as { validate(): void }).validate();
    return [];
  } catch (error) {
    return [`${object.kind}: ${error instanceof Error ? error.message : String(error)}`];
  }
}
