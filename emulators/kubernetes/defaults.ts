import { isObject, listAt, objectAt, textAt } from './objects.ts';
import type { JsonObject, KubeObject } from './objects.ts';

type Fill = (object: KubeObject) => KubeObject;

/** The object as the server stores it: empty maps left out, defaults filled in. The object itself is not changed. */
export function withDefaults(object: KubeObject): KubeObject {
  const fill = byKind[object.kind];
  const trimmed = trimMetadata(object);
  return fill === undefined ? trimmed : fill(trimmed);
}

function trimMetadata(object: KubeObject): KubeObject {
  const { labels, annotations, finalizers, ownerReferences } = object.metadata;
  const empty = [labels, annotations, finalizers, ownerReferences].some(
    (part) => part !== undefined && Object.keys(part ?? {}).length === 0,
  );
  if (!empty) return object;
  const metadata = { ...object.metadata };
  if (labels !== undefined && Object.keys(labels ?? {}).length === 0) delete metadata.labels;
  if (annotations !== undefined && Object.keys(annotations ?? {}).length === 0) delete metadata.annotations;
  if (finalizers !== undefined && (finalizers ?? []).length === 0) delete metadata.finalizers;
  if (ownerReferences !== undefined && (ownerReferences ?? []).length === 0) delete metadata.ownerReferences;
  return { ...object, metadata };
}

/** Fields that are absent take the default; `null` counts as absent. */
function fillIn(object: JsonObject, defaults: JsonObject): JsonObject {
  const result = { ...object };
  for (const [field, value] of Object.entries(defaults))
    if (result[field] === undefined || result[field] === null) result[field] = value;
  return result;
}

function fillSpec(defaults: JsonObject): Fill {
  return (object) => ({ ...object, spec: fillIn(objectAt(object, 'spec'), defaults), status: object['status'] ?? {} });
}

const rbacGroup = 'rbac.authorization.k8s.io';
const selectors = { namespaceSelector: {}, objectSelector: {}, matchPolicy: 'Equivalent' };

const byKind: Record<string, Fill> = {
  Namespace: (object) => {
    const labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
    return { ...object, metadata: { ...object.metadata, labels } };
  },
  Secret: (object) => ({ ...withoutEmptyData(foldStringData(object)), type: textAt(object, 'type') || 'Opaque' }),
  ConfigMap: withoutEmptyData,
  ResourceQuota: (object) => ({ ...object, status: object['status'] ?? {} }),
  RoleBinding: withSubjectGroups,
  ClusterRoleBinding: withSubjectGroups,
  ClusterRole: (object) => ({ ...object, rules: object['rules'] ?? null }),
  Role: (object) => ({ ...object, rules: object['rules'] ?? null }),
  ValidatingAdmissionPolicy: (object) => {
    const spec = objectAt(object, 'spec');
    const constraints = fillIn(objectAt(spec, 'matchConstraints'), selectors);
    const rules = listAt(constraints, 'resourceRules').map((rule) =>
      isObject(rule) ? fillIn(rule, { scope: '*' }) : rule,
    );
    const matchConstraints = { ...constraints, resourceRules: rules };
    return {
      ...object,
      spec: fillIn({ ...spec, matchConstraints }, { failurePolicy: 'Fail' }),
      status: object['status'] ?? {},
    };
  },
  ValidatingAdmissionPolicyBinding: (object) => {
    const spec = objectAt(object, 'spec');
    if (!isObject(spec['matchResources'])) return object;
    return { ...object, spec: { ...spec, matchResources: fillIn(spec['matchResources'], selectors) } };
  },
  Deployment: (object) =>
    workload(object, {
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    }),
  Job: (object) =>
    workload(object, { parallelism: 1, completions: 1, backoffLimit: 6, suspend: false, completionMode: 'NonIndexed' }),
  CronJob: fillSpec({
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  }),
  Service: fillSpec({
    type: 'ClusterIP',
    clusterIP: 'None',
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
  }),
  Pod: (object) => ({
    ...fillSpec(podDefaults)(object),
    status: object['status'] ?? { phase: 'Pending', qosClass: 'BestEffort' },
  }),
  PodDisruptionBudget: fillSpec({}),
};

const podDefaults: JsonObject = {
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  dnsPolicy: 'ClusterFirst',
  schedulerName: 'default-scheduler',
  securityContext: {},
};

function workload(object: KubeObject, defaults: JsonObject): KubeObject {
  const spec = fillIn(objectAt(object, 'spec'), defaults);
  const template = objectAt(spec, 'template');
  const pod = fillIn(objectAt(template, 'spec'), podDefaults);
  return { ...object, spec: { ...spec, template: { ...template, spec: pod } }, status: object['status'] ?? {} };
}

function foldStringData(object: KubeObject): KubeObject {
  if (object['stringData'] === undefined) return object;
  const { stringData, ...rest } = object;
  const data = { ...objectAt(object, 'data') };
  for (const [key, value] of Object.entries(isObject(stringData) ? stringData : {})) {
    data[key] = Buffer.from(String(value)).toString('base64');
  }
  return { ...rest, kind: object.kind, apiVersion: object.apiVersion, metadata: object.metadata, data };
}

function withoutEmptyData(object: KubeObject): KubeObject {
  const empty = ['data', 'binaryData'].filter(
    (field) => isObject(object[field]) && Object.keys(objectAt(object, field)).length === 0,
  );
  if (empty.length === 0) return object;
  const result = { ...object };
  for (const field of empty) delete result[field];
  return result;
}

function withSubjectGroups(object: KubeObject): KubeObject {
  if (!Array.isArray(object['subjects'])) return object;
  const subjects = object['subjects'].map((subject: unknown) => {
    const named = isObject(subject) && (subject['kind'] === 'User' || subject['kind'] === 'Group');
    return named ? fillIn(subject, { apiGroup: rbacGroup }) : subject;
  });
  return { ...object, subjects };
}
