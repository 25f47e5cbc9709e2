import type { Release } from './chart.ts';

const roleArn = 'arn:aws:iam::111122223333:role/ecr-cred-helper';
const enabled = { enabled: true };
const settings = { AWS_REGION: 'eu-west-1' };

/** Values as people have them, each with its golden render in `test/golden/chart`. */
export const valuesSets: Readonly<Record<string, { values: object; release?: Release }>> = {
  cronjob: { values: { settings } },
  'cronjob-first-pass': { values: { settings, cronjob: { firstPass: true, suspend: true }, alerts: enabled } },
  'cronjob-irsa': { values: { settings, credentials: { from: 'irsa', roleArn } } },
  'cronjob-web-identity': {
    values: {
      settings: { DOCKER_REGISTRY: '111122223333.dkr.ecr.eu-west-1.amazonaws.com', ECR_CONCURRENCY: 4 },
      credentials: { from: 'webIdentity', roleArn },
      networkPolicy: { ...enabled, extraEgress: [{ ports: [{ port: 3128 }] }] },
    },
  },
  controller: { values: { mode: 'controller', settings } },
  'controller-pod-identity': {
    values: {
      mode: 'controller',
      settings: { ...settings, ECR_PRUNE: true },
      credentials: { from: 'podIdentity' },
      controller: { replicas: 3 },
    },
    release: { name: 'pulls', namespace: 'platform' },
  },
  'controller-monitored': {
    values: {
      mode: 'controller',
      settings: { ...settings, ECR_LISTEN: ':9090' },
      networkPolicy: enabled,
      serviceMonitor: { ...enabled, labels: { release: 'prometheus' }, interval: '1m' },
      alerts: { ...enabled, labels: { release: 'prometheus' } },
      dashboard: enabled,
    },
  },
  'controller-alone': {
    values: {
      mode: 'controller',
      settings: { ...settings, ECR_LEADER_ELECTION: false, ECR_SHUTDOWN_GRACE: '1m30s' },
      controller: { replicas: 1, podDisruptionBudget: false, terminationGracePeriodSeconds: 120 },
      serviceAccount: { create: false, name: 'there-before' },
      rbac: { create: false },
    },
  },
  'fenced-names': {
    values: {
      settings: {
        ...settings,
        ECR_SECRET_NAME: 'registry-login',
        ECR_LABEL_NAME: 'example.com/pulls',
        ECR_LABEL_VALUE: 'yes',
      },
      fence: enabled,
      firstPod: enabled,
      fullnameOverride: 'pulls',
    },
    release: { name: 'x', namespace: 'platform' },
  },
  placed: {
    values: {
      settings: { ...settings, AWS_CA_BUNDLE: '/etc/ca/ca.pem', HTTPS_PROXY: 'http://proxy.example.com:3128' },
      image: {
        repository: 'registry.example.com/ecr-cred-helper',
        tag: '2.0.0-fips',
        digest: `sha256:${'0'.repeat(64)}`,
        pullPolicy: 'Always',
      },
      imagePullSecrets: [{ name: 'registry-of-ours' }],
      commonLabels: { team: 'platform', 'cost-center': '42' },
      serviceAccount: { annotations: { 'example.com/owner': 'platform' } },
      resources: { requests: { cpu: '10m', memory: '48Mi' }, limits: { memory: '64Mi' } },
      podAnnotations: { 'example.com/scrape': 'no' },
      podLabels: { zone: 'inner' },
      nodeSelector: { pool: 'system' },
      tolerations: [{ key: 'dedicated', operator: 'Exists' }],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'kubernetes.io/arch', operator: 'In', values: ['arm64'] }] },
            ],
          },
        },
      },
      priorityClassName: 'system-cluster-critical',
      extraEnv: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/etc/ca/ca.pem' }],
      extraVolumes: [{ name: 'ca', configMap: { name: 'ca-bundle' } }],
      extraVolumeMounts: [{ name: 'ca', mountPath: '/etc/ca', readOnly: true }],
    },
  },
};
