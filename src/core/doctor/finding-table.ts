/** `ok`: in order. `note`: worth knowing, or doctor could not look. `problem`: to be fixed. */
export type Severity = 'ok' | 'note' | 'problem';

type Row = {
  check: string;
  severity: Severity;
  /** What mends it; `{name}` is filled from the facts. Empty where there is nothing to mend. */
  fix: string;
};

/**
 * Everything `doctor` can find by itself, in the order of `docs/troubleshooting.md`; beside these it passes on the
 * failures and warnings of the other tables under their own codes. The reasons are stable: operators search for them.
 */
export const findingTable = {
  // Of any check: doctor was not allowed to look, or could not.
  CouldNotLook: { check: 'any', severity: 'note', fix: '{hint}' },

  WorkloadPodWaiting: { check: 'start/pods', severity: 'problem', fix: '{look}' },
  WorkloadPodOutOfMemory: { check: 'start/pods', severity: 'problem', fix: 'Give it more memory: {command}' },

  SettingsOfInstallation: { check: 'configuration/installation', severity: 'ok', fix: '' },
  SettingsOfPod: { check: 'configuration/installation', severity: 'ok', fix: '' },
  SettingsOfMachine: { check: 'configuration/installation', severity: 'ok', fix: '' },
  SettingsUnseen: {
    check: 'configuration/installation',
    severity: 'note',
    fix: 'Run doctor as somebody who may read its ConfigMaps, or have it look itself: {command}',
  },
  ServiceAccountMissing: {
    check: 'configuration/installation',
    severity: 'problem',
    fix: 'kubectl -n {namespace} create serviceaccount {name}',
  },
  ReferenceMissing: { check: 'configuration/installation', severity: 'problem', fix: 'Make it: {make}' },
  KeyAbsent: { check: 'configuration/installation', severity: 'problem', fix: 'Make it: {make}' },
  KeyMistyped: {
    check: 'configuration/installation',
    severity: 'problem',
    fix: 'Did you mean {meant}? Give it that name: {move}',
  },
  KeyUnread: {
    check: 'configuration/installation',
    severity: 'note',
    fix: 'Nothing needs to be done if it is for something else.',
  },
  SettingSet: { check: 'configuration/settings', severity: 'ok', fix: '' },
  NothingSet: { check: 'configuration/settings', severity: 'ok', fix: '' },

  AskedWithItsKey: { check: 'aws/asked', severity: 'ok', fix: '' },
  AskedWithOtherCredentials: { check: 'aws/asked', severity: 'note', fix: 'To ask with its own: {command}' },
  CredentialsFound: { check: 'aws/credentials', severity: 'ok', fix: '' },
  IdentityKnown: { check: 'aws/identity', severity: 'ok', fix: '' },
  ClockAgrees: { check: 'aws/clock', severity: 'ok', fix: '' },
  ClockDrifting: {
    check: 'aws/clock',
    severity: 'note',
    fix: 'Set the clock of this machine right (NTP, chrony) before AWS refuses it at five minutes.',
  },
  ClockSkewed: {
    check: 'aws/clock',
    severity: 'problem',
    fix: 'Set the clock of this machine right (NTP, chrony); AWS allows a difference of five minutes.',
  },
  TokenIssued: { check: 'aws/token', severity: 'ok', fix: '' },
  IdentityLacksPermission: {
    check: 'aws/token',
    severity: 'problem',
    fix: '{allow}',
  },
  RegistryOfAccount: { check: 'aws/registries', severity: 'ok', fix: '' },
  RegistryAccountMistyped: {
    check: 'aws/registries',
    severity: 'problem',
    fix: 'Did you mean account {account}? {hint}',
  },
  RegistryOfOtherAccount: {
    check: 'aws/registries',
    severity: 'note',
    fix: 'Let account {account} pull in the policy of each repository there (`aws ecr set-repository-policy`, run in account {owner}), or correct the account in DOCKER_REGISTRY.',
  },
  RegistryOfOtherPartition: {
    check: 'aws/registries',
    severity: 'problem',
    fix: 'Give it credentials of the partition {partition}, or correct DOCKER_REGISTRY: credentials are valid in one partition only.',
  },
  RegistryOfOtherRegion: {
    check: 'aws/registries',
    severity: 'note',
    fix: 'Nothing needs to be done if {host} is meant: its own region is used. Else correct DOCKER_REGISTRY.',
  },

  RegistryTakesToken: { check: 'registry/login', severity: 'ok', fix: '' },
  RegistryRefusesToken: {
    check: 'registry/login',
    severity: 'problem',
    fix: 'Check that {host} is a registry of the partition and region the token is for, and that nothing between here and it (a proxy, AWS_ENDPOINT_URL) answers in its place.',
  },
  RegistryUnreachable: {
    check: 'registry/login',
    severity: 'problem',
    fix: 'Check DNS, egress rules and HTTPS_PROXY/NO_PROXY from here to {host}; nodes that pull need the same way.',
  },
  RegistryTlsUntrusted: {
    check: 'registry/login',
    severity: 'problem',
    fix: 'If a proxy inspects TLS here, point AWS_CA_BUNDLE at its CA certificate, and give the same to the container runtime of the nodes.',
  },
  RegistryTimedOut: {
    check: 'registry/login',
    severity: 'problem',
    fix: 'Check egress and the proxy to {host}; a firewall that drops packets silently looks like this.',
  },
  RegistryUnwell: {
    check: 'registry/login',
    severity: 'problem',
    fix: 'Ask again in a while, and look at the AWS Health Dashboard; check what stands between here and {host}.',
  },
  ImagePullable: { check: 'registry/image', severity: 'ok', fix: '' },
  ImageReferenceInvalid: {
    check: 'registry/image',
    severity: 'problem',
    fix: 'Name it as pods do: --image <registry host>/<repository>:<tag>',
  },
  ImageElsewhere: {
    check: 'registry/image',
    severity: 'problem',
    fix: 'Add {host} to DOCKER_REGISTRY, or name an image of {hosts}.',
  },
  ImagePullDenied: {
    check: 'registry/image',
    severity: 'problem',
    fix: '{allow}',
  },
  RepositoryMissing: {
    check: 'registry/image',
    severity: 'problem',
    fix: 'Correct the name, or look which there are: aws ecr describe-repositories --registry-id {account} --region {region}',
  },
  ImageMissing: {
    check: 'registry/image',
    severity: 'problem',
    fix: 'Push it, or look which tags there are: aws ecr list-images --registry-id {account} --region {region} --repository-name {repository}',
  },

  ApiAnswers: { check: 'kubernetes/api', severity: 'ok', fix: '' },
  VersionSupported: { check: 'kubernetes/version', severity: 'ok', fix: '' },
  VersionTooOld: {
    check: 'kubernetes/version',
    severity: 'problem',
    fix: 'Upgrade the cluster to {oldest} or newer: older ones have no stable server-side apply.',
  },
  VersionUntested: {
    check: 'kubernetes/version',
    severity: 'note',
    fix: 'Nothing needs to be done; look for a newer release of ecr-cred-helper, which is tested with it.',
  },
  AskedAs: { check: 'kubernetes/identity', severity: 'ok', fix: '' },
  AskedAsSomebodyElse: {
    check: 'kubernetes/identity',
    severity: 'note',
    fix: 'Ask on behalf of the ServiceAccount that runs it: ecr-cred-helper doctor --as {account}',
  },
  AskedAsOurselves: {
    check: 'kubernetes/identity',
    severity: 'note',
    fix: 'Ask as somebody who may impersonate it, or let it look itself: {asItself}',
  },
  ImpersonationForbidden: {
    check: 'kubernetes/identity',
    severity: 'problem',
    fix: 'Ask as somebody who may impersonate {account} (verb impersonate on serviceaccounts), or run doctor in the pod itself.',
  },
  ServiceAccountUnknown: {
    check: 'kubernetes/identity',
    severity: 'problem',
    fix: 'Name one that exists. Those there are: kubectl get serviceaccounts -A',
  },
  PermissionGranted: { check: 'kubernetes/permissions', severity: 'ok', fix: '' },
  BindingMissing: { check: 'kubernetes/permissions', severity: 'problem', fix: 'Bind it: {command}' },
  PermissionMissing: { check: 'kubernetes/permissions', severity: 'problem', fix: '{command}' },
  RoleIsTight: { check: 'kubernetes/excess', severity: 'ok', fix: '' },
  RoleAllowsMore: { check: 'kubernetes/excess', severity: 'note', fix: '{remedy}' },
  FenceStands: { check: 'kubernetes/fence', severity: 'ok', fix: '' },
  FenceUnavailable: {
    check: 'kubernetes/fence',
    severity: 'note',
    fix: 'From Kubernetes 1.30 there is one. What a stolen token can do until then: docs/security.md.',
  },
  FenceMissing: { check: 'kubernetes/fence', severity: 'note', fix: '{install}' },
  FenceUnbound: { check: 'kubernetes/fence', severity: 'problem', fix: '{install}' },
  FenceAroundAnother: {
    check: 'kubernetes/fence',
    severity: 'problem',
    fix: "kubectl patch validatingadmissionpolicy {name} --type=json -p '{patch}'",
  },
  FenceDiffers: {
    check: 'kubernetes/fence',
    severity: 'problem',
    fix: "kubectl patch validatingadmissionpolicy {name} --type=json -p '{patch}'",
  },

  NamespacesMatch: { check: 'namespaces/labels', severity: 'ok', fix: '' },
  NamespaceLabelMistyped: {
    check: 'namespaces/labels',
    severity: 'problem',
    fix: 'kubectl label namespace {namespace} {label} --overwrite',
  },
  NamespaceTerminating: {
    check: 'namespaces/labels',
    severity: 'note',
    fix: 'Nothing needs to be done: it is passed over. If it does not go away: kubectl get namespace {namespace} -o yaml',
  },
  WriteAccepted: { check: 'namespaces/admission', severity: 'ok', fix: '' },

  PullSecretValid: { check: 'secrets/state', severity: 'ok', fix: '' },
  PullSecretMissing: { check: 'secrets/state', severity: 'problem', fix: '{run}' },
  PullSecretExpired: { check: 'secrets/state', severity: 'problem', fix: '{run}' },
  PullSecretExpiring: { check: 'secrets/state', severity: 'problem', fix: '{run}' },
  PullSecretUnreadable: { check: 'secrets/state', severity: 'problem', fix: '{run}' },
  PullSecretLacksRegistry: { check: 'secrets/state', severity: 'problem', fix: '{run}' },
  PullSecretOfOthers: {
    check: 'secrets/state',
    severity: 'note',
    fix: 'Nothing needs to be done: the next run adopts it, and nothing in it is lost.',
  },
  PullSecretShared: {
    check: 'secrets/state',
    severity: 'note',
    fix: 'Nothing needs to be done if that is meant; ECR_ON_CONFLICT decides what becomes of the other logins.',
  },
  FirstPodStands: { check: 'secrets/first-pod', severity: 'ok', fix: '' },
  FirstPodDiffers: {
    check: 'secrets/first-pod',
    severity: 'problem',
    fix: 'Set the label and the name in your overlay of deploy/first-pod, in three places: docs/operations.md#every-new-pod',
  },
  PodsPull: { check: 'secrets/pods', severity: 'ok', fix: '' },
  PodNamespaceUnlabelled: {
    check: 'secrets/pods',
    severity: 'problem',
    fix: 'kubectl label namespace {namespace} {label} --overwrite',
  },
  PodOfOthers: {
    check: 'secrets/pods',
    severity: 'note',
    fix: 'Nothing needs to be done here: its nodes, or whoever it belongs to, have to let it in.',
  },
  PodNamesNoSecret: { check: 'secrets/pods', severity: 'problem', fix: '{give}' },
  PodRegistryUnserved: {
    check: 'secrets/pods',
    severity: 'problem',
    fix: '{add}',
  },
  PodPullFails: {
    check: 'secrets/pods',
    severity: 'problem',
    fix: 'Ask the registry for that image: ecr-cred-helper doctor --image {image}',
  },

  WorkloadFound: { check: 'workload/state', severity: 'ok', fix: '' },
  WorkloadMissing: { check: 'workload/state', severity: 'note', fix: 'Install it: {install}' },
  CronJobSuspended: {
    check: 'workload/state',
    severity: 'problem',
    fix: `kubectl -n {namespace} patch cronjob {name} -p '{"spec":{"suspend":false}}'`,
  },
  CronJobNeverRan: {
    check: 'workload/state',
    severity: 'problem',
    fix: '{run}',
  },
  LastRunFailed: { check: 'workload/state', severity: 'problem', fix: '{hint}' },
  RunOverdue: {
    check: 'workload/state',
    severity: 'problem',
    fix: 'Look why its jobs do not end well: kubectl -n {namespace} get jobs,pods && kubectl -n {namespace} describe cronjob {name}',
  },
  PodKeptRunning: {
    check: 'workload/state',
    severity: 'problem',
    fix: `Keep the sidecar of the mesh out of it, as deploy/ does: kubectl -n {namespace} patch cronjob {name} -p '{"spec":{"jobTemplate":{"spec":{"template":{"metadata":{"labels":{"sidecar.istio.io/inject":"false"},"annotations":{"sidecar.istio.io/inject":"false","linkerd.io/inject":"disabled"}}}}}}}' && kubectl -n {namespace} delete job {job}`,
  },
  DeploymentScaledDown: {
    check: 'workload/state',
    severity: 'problem',
    fix: 'kubectl -n {namespace} scale deployment {name} --replicas=2',
  },
  DeploymentNotReady: {
    check: 'workload/state',
    severity: 'problem',
    fix: 'Read why: kubectl -n {namespace} describe deployment {name} && kubectl -n {namespace} logs deployment/{name}',
  },
  ScheduleFits: { check: 'workload/schedule', severity: 'ok', fix: '' },
  ScheduleTooSparse: {
    check: 'workload/schedule',
    severity: 'problem',
    fix: `kubectl -n {namespace} patch cronjob {name} -p '{"spec":{"schedule":"{schedule}"}}'`,
  },
  ScheduleLeavesNoSlack: {
    check: 'workload/schedule',
    severity: 'note',
    fix: `So that one missed run leaves no gap: kubectl -n {namespace} patch cronjob {name} -p '{"spec":{"schedule":"{schedule}"}}'`,
  },
  ImageTagFixed: { check: 'workload/image', severity: 'ok', fix: '' },
  ImageTagFloats: {
    check: 'workload/image',
    severity: 'note',
    fix: 'Name a version or a digest, so that the program changes when you change it: {image}:<version>',
  },
  SecretHasOneWriter: { check: 'workload/writers', severity: 'ok', fix: '' },
  SecretHasOtherWriters: {
    check: 'workload/writers',
    severity: 'problem',
    fix: 'Stop one of the two, or give this one a name of its own with ECR_SECRET_NAME. Who wrote it, and when: kubectl -n {namespace} get secret {secret} --show-managed-fields -o "custom-columns=WRITER:.metadata.managedFields[*].manager,AT:.metadata.managedFields[*].time"',
  },
} as const satisfies Record<string, Row>;

export type FindingReason = keyof typeof findingTable;
