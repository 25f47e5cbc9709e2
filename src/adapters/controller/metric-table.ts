type Row = {
  type: 'gauge' | 'counter' | 'histogram';
  labels: readonly string[];
  /** What it means; shown with the metric. */
  help: string;
  /** What to do about it, for `docs/metrics.md`; alerts are named as headings of `docs/operations.md`. */
  act: string;
};

/** Every metric, without the prefix `ecr_cred_helper_`. Those of the process are prom-client's. */
export const metricTable = {
  build_info: {
    type: 'gauge',
    labels: ['version'],
    help: 'Always 1; the version is a label.',
    act: 'Replicas of two versions for longer than a rollout takes: look at the rollout. EcrCredHelperDown fires where there is none.',
  },
  leader: {
    type: 'gauge',
    labels: [],
    help: '1 on the replica that leads and writes, else 0.',
    act: 'The sum is 1. Else EcrCredHelperNoLeader or EcrCredHelperTwoLeaders.',
  },
  synced: {
    type: 'gauge',
    labels: [],
    help: '1 when namespaces and secrets have been listed and are watched, else 0.',
    act: '0 for minutes: EcrCredHelperOutOfSync.',
  },
  last_success_timestamp_seconds: {
    type: 'gauge',
    labels: [],
    help: 'When a namespace was last brought to what it should be, in seconds since the epoch; 0 before the first.',
    act: 'On the leader it moves at every renewal, about every six hours, and at every change. Where it stands for eight, look at ecr_calls_total and applies_total.',
  },
  token_expiry_timestamp_seconds: {
    type: 'gauge',
    labels: ['registry'],
    help: 'When the token in use for a registry expires, in seconds since the epoch.',
    act: 'Less than four hours ahead: EcrTokenExpiresSoon, then EcrTokenExpired. None at all: EcrTokenMissing.',
  },
  secrets: {
    type: 'gauge',
    labels: ['state'],
    help: 'Labelled namespaces by the state of their pull secret: valid, expired, missing, failed, refused, contended.',
    act: 'Anything but valid on the leader, for minutes: EcrPullSecretsExpired, EcrPullSecretsNotServed or EcrPullSecretsContended.',
  },
  applies_total: {
    type: 'counter',
    labels: ['result', 'reason'],
    help: 'Namespaces brought to what they should be, by result and reason.',
    act: 'A reason of failed or refused stands in errors.md, with what to do.',
  },
  apply_duration_seconds: {
    type: 'histogram',
    labels: [],
    help: 'Time that one namespace took, requests and retries together.',
    act: 'Seconds: the API server is slow or throttles; see EcrCredHelperQueueStuck.',
  },
  ecr_calls_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Refreshes of the tokens, by result: ok or the code of the failure.',
    act: 'The code stands in errors.md, with what to do. Tokens in use serve on meanwhile.',
  },
  queue_depth: {
    type: 'gauge',
    labels: [],
    help: 'Namespaces that wait for work or are in work.',
    act: 'Never 0 for a quarter of an hour: EcrCredHelperQueueStuck.',
  },
  queue_delayed: {
    type: 'gauge',
    labels: [],
    help: 'Namespaces that wait for their time after a failure or a contention.',
    act: 'As many as there are in the states failed and contended; look at these.',
  },
  queue_wait_seconds: {
    type: 'histogram',
    labels: [],
    help: 'Time from a namespace needing work to being taken up.',
    act: 'Seconds outside of a renewal of very many namespaces: see EcrCredHelperQueueStuck.',
  },
  watch_last_heard_timestamp_seconds: {
    type: 'gauge',
    labels: ['resource'],
    help: 'When the API server was last heard on a watch, or listed anew, in seconds since the epoch.',
    act: 'Bookmarks come about every minute. Ten minutes ago: EcrCredHelperWatchStale.',
  },
  watch_restarts_total: {
    type: 'counter',
    labels: ['resource', 'reason'],
    help: 'Watches that broke, fell silent or were refused, by resource and reason.',
    act: 'Many: EcrCredHelperWatchesBreak.',
  },
  contentions_total: {
    type: 'counter',
    labels: [],
    help: 'Times that another party was found to keep changing a pull secret.',
    act: 'EcrPullSecretsContended.',
  },
  prunes_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Namespaces that lost the label, by what became of their secret.',
    act: 'Nothing. Only with ECR_PRUNE.',
  },
  events_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Kubernetes Events sent, by whether the API server took them.',
    act: 'refused: EcrCredHelperEventsRefused.',
  },
} as const satisfies Record<string, Row>;
