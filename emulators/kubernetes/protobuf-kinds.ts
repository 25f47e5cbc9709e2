/*
 * kubectl sends what it makes with typed clients (`create secret`, `auth can-i`, `create token`) as protobuf since 1.32, as
 * Helm 4 does with the secrets of its releases.
 * Field numbers are from the generated.proto files of k8s.io/api and k8s.io/apimachinery.
 */

export type FieldType =
  | 'text'
  | 'bytes'
  | 'int'
  | 'bool'
  | 'texts'
  | 'ints'
  | 'textMap'
  | 'bytesMap'
  | 'quantityMap'
  | Message
  | [Message];
/** Fields by their number. One without a name is part of what it stands in, as Go embeds it. */
export type Message = { [number: number]: [name: string, type: FieldType] };

const owner: Message = {
  1: ['kind', 'text'],
  3: ['name', 'text'],
  4: ['uid', 'text'],
  5: ['apiVersion', 'text'],
  6: ['controller', 'bool'],
  7: ['blockOwnerDeletion', 'bool'],
};
const meta: Message = {
  1: ['name', 'text'],
  2: ['generateName', 'text'],
  3: ['namespace', 'text'],
  5: ['uid', 'text'],
  6: ['resourceVersion', 'text'],
  11: ['labels', 'textMap'],
  12: ['annotations', 'textMap'],
  13: ['ownerReferences', [owner]],
  14: ['finalizers', 'texts'],
};
const named: Message = { 1: ['name', 'text'] };
const rule: Message = {
  1: ['verbs', 'texts'],
  2: ['apiGroups', 'texts'],
  3: ['resources', 'texts'],
  4: ['resourceNames', 'texts'],
  5: ['nonResourceURLs', 'texts'],
};
const subject: Message = {
  1: ['kind', 'text'],
  2: ['apiGroup', 'text'],
  3: ['name', 'text'],
  4: ['namespace', 'text'],
};
const roleRef: Message = { 1: ['apiGroup', 'text'], 2: ['kind', 'text'], 3: ['name', 'text'] };
const role: Message = { 1: ['metadata', meta], 2: ['rules', [rule]] };
const binding: Message = { 1: ['metadata', meta], 2: ['subjects', [subject]], 3: ['roleRef', roleRef] };
const resourceAttributes: Message = {
  1: ['namespace', 'text'],
  2: ['verb', 'text'],
  3: ['group', 'text'],
  4: ['version', 'text'],
  5: ['resource', 'text'],
  6: ['subresource', 'text'],
  7: ['name', 'text'],
};
const pathAttributes: Message = { 1: ['path', 'text'], 2: ['verb', 'text'] };
const accessSpec: Message = {
  1: ['resourceAttributes', resourceAttributes],
  2: ['nonResourceAttributes', pathAttributes],
};

const seccomp: Message = { 1: ['type', 'text'], 2: ['localhostProfile', 'text'] };
const key: Message = { 1: ['', named], 2: ['key', 'text'], 3: ['optional', 'bool'] };
const source: Message = { 1: ['', named], 2: ['optional', 'bool'] };
const items: Message = { 1: ['key', 'text'], 2: ['path', 'text'], 3: ['mode', 'int'] };
const container: Message = {
  1: ['name', 'text'],
  2: ['image', 'text'],
  3: ['command', 'texts'],
  4: ['args', 'texts'],
  5: ['workingDir', 'text'],
  7: [
    'env',
    [
      {
        1: ['name', 'text'],
        2: ['value', 'text'],
        3: [
          'valueFrom',
          {
            1: ['fieldRef', { 1: ['apiVersion', 'text'], 2: ['fieldPath', 'text'] }],
            3: ['configMapKeyRef', key],
            4: ['secretKeyRef', key],
          },
        ],
      },
    ],
  ],
  8: ['resources', { 1: ['limits', 'quantityMap'], 2: ['requests', 'quantityMap'] }],
  9: [
    'volumeMounts',
    [{ 1: ['name', 'text'], 2: ['readOnly', 'bool'], 3: ['mountPath', 'text'], 4: ['subPath', 'text'] }],
  ],
  13: ['terminationMessagePath', 'text'],
  14: ['imagePullPolicy', 'text'],
  15: [
    'securityContext',
    {
      1: ['capabilities', { 1: ['add', 'texts'], 2: ['drop', 'texts'] }],
      2: ['privileged', 'bool'],
      4: ['runAsUser', 'int'],
      5: ['runAsNonRoot', 'bool'],
      6: ['readOnlyRootFilesystem', 'bool'],
      7: ['allowPrivilegeEscalation', 'bool'],
      8: ['runAsGroup', 'int'],
      11: ['seccompProfile', seccomp],
    },
  ],
  19: ['envFrom', [{ 1: ['prefix', 'text'], 2: ['configMapRef', source], 3: ['secretRef', source] }]],
  20: ['terminationMessagePolicy', 'text'],
};
const pod: Message = {
  1: [
    'volumes',
    [
      {
        1: ['name', 'text'],
        2: [
          '',
          {
            6: [
              'secret',
              { 1: ['secretName', 'text'], 2: ['items', [items]], 3: ['defaultMode', 'int'], 4: ['optional', 'bool'] },
            ],
            19: [
              'configMap',
              { 1: ['', named], 2: ['items', [items]], 3: ['defaultMode', 'int'], 4: ['optional', 'bool'] },
            ],
          },
        ],
      },
    ],
  ],
  2: ['containers', [container]],
  3: ['restartPolicy', 'text'],
  4: ['terminationGracePeriodSeconds', 'int'],
  6: ['dnsPolicy', 'text'],
  7: ['nodeSelector', 'textMap'],
  8: ['serviceAccountName', 'text'],
  9: ['serviceAccount', 'text'],
  14: [
    'securityContext',
    {
      2: ['runAsUser', 'int'],
      3: ['runAsNonRoot', 'bool'],
      5: ['fsGroup', 'int'],
      6: ['runAsGroup', 'int'],
      10: ['seccompProfile', seccomp],
    },
  ],
  15: ['imagePullSecrets', [named]],
  19: ['schedulerName', 'text'],
  20: ['initContainers', [container]],
  21: ['automountServiceAccountToken', 'bool'],
  24: ['priorityClassName', 'text'],
  30: ['enableServiceLinks', 'bool'],
};
const exitCodes: Message = { 1: ['containerName', 'text'], 2: ['operator', 'text'], 3: ['values', 'ints'] };
const condition: Message = { 1: ['type', 'text'], 2: ['status', 'text'] };
const failureRule: Message = {
  1: ['action', 'text'],
  2: ['onExitCodes', exitCodes],
  3: ['onPodConditions', [condition]],
};
const job: Message = {
  1: ['parallelism', 'int'],
  2: ['completions', 'int'],
  3: ['activeDeadlineSeconds', 'int'],
  6: ['template', { 1: ['metadata', meta], 2: ['spec', pod] }],
  7: ['backoffLimit', 'int'],
  8: ['ttlSecondsAfterFinished', 'int'],
  9: ['completionMode', 'text'],
  10: ['suspend', 'bool'],
  11: ['podFailurePolicy', { 1: ['rules', [failureRule]] }],
  14: ['podReplacementPolicy', 'text'],
};

export const kinds: Readonly<Record<string, Message>> = {
  Secret: {
    1: ['metadata', meta],
    2: ['data', 'bytesMap'],
    3: ['type', 'text'],
    4: ['stringData', 'textMap'],
    5: ['immutable', 'bool'],
  },
  ConfigMap: { 1: ['metadata', meta], 2: ['data', 'textMap'], 3: ['binaryData', 'bytesMap'], 4: ['immutable', 'bool'] },
  Namespace: { 1: ['metadata', meta] },
  ServiceAccount: {
    1: ['metadata', meta],
    2: ['secrets', [{ 3: ['name', 'text'] }]],
    3: ['imagePullSecrets', [named]],
  },
  ResourceQuota: { 1: ['metadata', meta], 2: ['spec', { 1: ['hard', 'quantityMap'] }] },
  Job: { 1: ['metadata', meta], 2: ['spec', job] },
  Role: role,
  ClusterRole: role,
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  SelfSubjectAccessReview: { 1: ['metadata', meta], 2: ['spec', accessSpec] },
  SelfSubjectRulesReview: { 1: ['metadata', meta], 2: ['spec', { 1: ['namespace', 'text'] }] },
  SelfSubjectReview: { 1: ['metadata', meta] },
  DeleteOptions: {
    1: ['gracePeriodSeconds', 'int'],
    2: ['preconditions', { 1: ['uid', 'text'], 2: ['resourceVersion', 'text'] }],
    3: ['orphanDependents', 'bool'],
    4: ['propagationPolicy', 'text'],
    5: ['dryRun', 'texts'],
  },
  TokenRequest: { 1: ['metadata', meta], 2: ['spec', { 1: ['audiences', 'texts'], 4: ['expirationSeconds', 'int'] }] },
};
