/** Every metric, without the prefix `ecr_cred_helper_`: what it means and what its labels are. Those of the process are prom-client's. */
export const metricTable = {
  build_info: { help: 'Always 1; the version is a label.', labels: ['version'] },
  leader: { help: '1 on the replica that leads and writes, else 0.', labels: [] },
  synced: { help: '1 when namespaces and secrets have been listed and are watched, else 0.', labels: [] },
  token_expiry_timestamp_seconds: {
    help: 'When the token in use for a registry expires, in seconds since the epoch.',
    labels: ['registry'],
  },
  secrets: {
    help: 'Labelled namespaces by the state of their pull secret: valid, expired, missing, failed, refused, contended.',
    labels: ['state'],
  },
  applies_total: {
    help: 'Namespaces brought to what they should be, by result and reason.',
    labels: ['result', 'reason'],
  },
  apply_duration_seconds: { help: 'Time that one namespace took, requests and retries together.', labels: [] },
  ecr_calls_total: { help: 'Refreshes of the tokens, by result: ok or the code of the failure.', labels: ['result'] },
  queue_depth: { help: 'Namespaces that wait for work or are in work.', labels: [] },
  queue_delayed: { help: 'Namespaces that wait for their time after a failure or a contention.', labels: [] },
  queue_wait_seconds: { help: 'Time from a namespace needing work to being taken up.', labels: [] },
  watch_restarts_total: {
    help: 'Watches that broke, fell silent or were refused, by resource and reason.',
    labels: ['resource', 'reason'],
  },
  contentions_total: { help: 'Times that another party was found to keep changing a pull secret.', labels: [] },
  prunes_total: { help: 'Namespaces that lost the label, by what became of their secret.', labels: ['result'] },
  events_total: { help: 'Kubernetes Events sent, by whether the API server took them.', labels: ['result'] },
} as const satisfies Record<string, { help: string; labels: readonly string[] }>;
