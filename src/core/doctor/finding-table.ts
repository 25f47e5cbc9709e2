/** `ok`: in order. `note`: worth knowing, or doctor could not look. `problem`: to be fixed. */
export type Severity = 'ok' | 'note' | 'problem';

type Row = {
  check: string;
  severity: Severity;
  /** What it means, whatever the case at hand; for docs/troubleshooting.md. What is in order needs none. */
  means?: string;
  /** What mends it; `{name}` is filled from the facts. Empty where there is nothing to mend. */
  fix: string;
};

/**
 * Everything `doctor` can find by itself, in the order of `docs/troubleshooting.md`; beside these it passes on the
 * failures and warnings of the other tables under their own codes. The reasons are stable: operators search for them.
 */
export const findingTable = {
  // Of any check: doctor was not allowed to look, or could not.
  CouldNotLook: {
    check: 'any',
    severity: 'note',
    means: 'Doctor may not look there, or could not. That is no fault of what it wanted to look at.',
    fix: '{hint}',
  },

  WorkloadPodWaiting: {
    check: 'start/pods',
    severity: 'problem',
    means:
      'A pod that runs the program cannot start: its image cannot be pulled, a Secret or ConfigMap is missing, no node takes it, it is not let in (a quota, the Pod Security of the namespace), or it ends again and again. Nothing else mends anything before that.',
    fix: '{look}',
  },
  WorkloadPodOutOfMemory: {
    check: 'start/pods',
    severity: 'problem',
    means:
      'A pod that runs the program was killed for want of memory, or ended by itself for want of it (exit code 134).',
    fix: 'Give it more memory: {command}',
  },

  SettingsOfInstallation: { check: 'configuration/installation', severity: 'ok', fix: '' },
  SettingsOfPod: { check: 'configuration/installation', severity: 'ok', fix: '' },
  SettingsOfMachine: { check: 'configuration/installation', severity: 'ok', fix: '' },
  SettingsUnseen: {
    check: 'configuration/installation',
    severity: 'note',
    means:
      'What runs the program could not be read, so the settings of the machine that doctor runs on were judged in its place.',
    fix: 'Run doctor as somebody who may read its ConfigMaps, or have it look itself: {command}',
  },
  ServiceAccountMissing: {
    check: 'configuration/installation',
    severity: 'problem',
    means: 'The ServiceAccount of the pods does not exist, so none is made.',
    fix: 'kubectl -n {namespace} create serviceaccount {name}',
  },
  ReferenceMissing: {
    check: 'configuration/installation',
    severity: 'problem',
    means:
      'A ConfigMap or Secret, or a key in it, that the container does not start without is not there (`CreateContainerConfigError`).',
    fix: 'Make it: {make}',
  },
  KeyAbsent: {
    check: 'configuration/installation',
    severity: 'problem',
    means:
      'The AWS key that the pods are to be given is nowhere. The pods start all the same, and every run ends with exit code 3.',
    fix: 'Make it: {make}',
  },
  KeyMistyped: {
    check: 'configuration/installation',
    severity: 'problem',
    means: 'A ConfigMap or Secret has a key that nobody takes, and lacks one of nearly that name.',
    fix: 'Did you mean {meant}? Give it that name: {move}',
  },
  KeyUnread: {
    check: 'configuration/installation',
    severity: 'note',
    means: 'A ConfigMap or Secret has a key that nobody takes.',
    fix: 'Nothing needs to be done if it is for something else.',
  },
  SettingSet: { check: 'configuration/settings', severity: 'ok', fix: '' },
  NothingSet: { check: 'configuration/settings', severity: 'ok', fix: '' },

  AskedWithItsKey: { check: 'aws/asked', severity: 'ok', fix: '' },
  AskedWithOtherCredentials: {
    check: 'aws/asked',
    severity: 'note',
    means:
      "AWS was asked with the credentials of this machine: the installation's own cannot be had from outside. What follows says nothing of those.",
    fix: 'To ask with its own: {command}',
  },
  CredentialsFound: { check: 'aws/credentials', severity: 'ok', fix: '' },
  IdentityKnown: { check: 'aws/identity', severity: 'ok', fix: '' },
  ClockAgrees: { check: 'aws/clock', severity: 'ok', fix: '' },
  ClockDrifting: {
    check: 'aws/clock',
    severity: 'note',
    means: 'The clock is a minute or more off. From five minutes on AWS refuses every call.',
    fix: 'Set the clock of this machine right (NTP, chrony) before AWS refuses it at five minutes.',
  },
  ClockSkewed: {
    check: 'aws/clock',
    severity: 'problem',
    means: 'The clock is off by so much that AWS refuses every call.',
    fix: 'Set the clock of this machine right (NTP, chrony); AWS allows a difference of five minutes.',
  },
  TokenIssued: { check: 'aws/token', severity: 'ok', fix: '' },
  IdentityLacksPermission: {
    check: 'aws/token',
    severity: 'problem',
    means: 'AWS knows the identity, and no policy of it allows the call.',
    fix: '{allow}',
  },
  RegistryOfAccount: { check: 'aws/registries', severity: 'ok', fix: '' },
  RegistryAccountMistyped: {
    check: 'aws/registries',
    severity: 'problem',
    means: 'The account in DOCKER_REGISTRY is one digit, or two swapped ones, from that of the identity.',
    fix: 'Did you mean account {account}? {hint}',
  },
  RegistryOfOtherAccount: {
    check: 'aws/registries',
    severity: 'note',
    means: 'A registry belongs to another account: its repositories have to let this one in.',
    fix: 'Let account {account} pull in the policy of each repository there (`aws ecr set-repository-policy`, run in account {owner}), or correct the account in DOCKER_REGISTRY.',
  },
  RegistryOfOtherPartition: {
    check: 'aws/registries',
    severity: 'problem',
    means: 'A registry belongs to another partition (China, GovCloud), where these credentials mean nothing.',
    fix: 'Give it credentials of the partition {partition}, or correct DOCKER_REGISTRY: credentials are valid in one partition only.',
  },
  RegistryOfOtherRegion: {
    check: 'aws/registries',
    severity: 'note',
    means: 'A registry is in another region than the one that is set. Its own is used.',
    fix: 'Nothing needs to be done if {host} is meant: its own region is used. Else correct DOCKER_REGISTRY.',
  },

  RegistryTakesToken: { check: 'registry/login', severity: 'ok', fix: '' },
  RegistryRefusesToken: {
    check: 'registry/login',
    severity: 'problem',
    means: 'The registry does not take the token that ECR has just issued.',
    fix: 'Check that {host} is a registry of the partition and region the token is for, and that nothing between here and it (a proxy, AWS_ENDPOINT_URL) answers in its place.',
  },
  RegistryUnreachable: {
    check: 'registry/login',
    severity: 'problem',
    means: 'No way leads to the registry: DNS, routes, a firewall that refuses.',
    fix: 'Check DNS, egress rules and HTTPS_PROXY/NO_PROXY from here to {host}; nodes that pull need the same way.',
  },
  RegistryTlsUntrusted: {
    check: 'registry/login',
    severity: 'problem',
    means:
      'Whoever answers for the registry has a certificate that is not trusted: most often a proxy that inspects TLS.',
    fix: 'If a proxy inspects TLS here, point AWS_CA_BUNDLE at its CA certificate, and give the same to the container runtime of the nodes.',
  },
  RegistryTimedOut: {
    check: 'registry/login',
    severity: 'problem',
    means: 'The registry did not answer in time.',
    fix: 'Check egress and the proxy to {host}; a firewall that drops packets silently looks like this.',
  },
  RegistryUnwell: {
    check: 'registry/login',
    severity: 'problem',
    means: 'The registry answers that it is overloaded or broken.',
    fix: 'Ask again in a while, and look at the AWS Health Dashboard; check what stands between here and {host}.',
  },
  ImagePullable: { check: 'registry/image', severity: 'ok', fix: '' },
  ImageReferenceInvalid: {
    check: 'registry/image',
    severity: 'problem',
    means: 'What follows `--image` is no image of an ECR registry.',
    fix: 'Name it as pods do: --image <registry host>/<repository>:<tag>',
  },
  ImageElsewhere: {
    check: 'registry/image',
    severity: 'problem',
    means: 'The image is in a registry that the pull secret holds no login for.',
    fix: 'Add {host} to DOCKER_REGISTRY, or name an image of {hosts}.',
  },
  ImagePullDenied: {
    check: 'registry/image',
    severity: 'problem',
    means:
      'The registry knows the token, and its identity may not pull from that repository. A kubelet says `403 Forbidden`.',
    fix: '{allow}',
  },
  RepositoryMissing: {
    check: 'registry/image',
    severity: 'problem',
    means: 'There is no such repository in that account and region.',
    fix: 'Correct the name, or look which there are: aws ecr describe-repositories --registry-id {account} --region {region}',
  },
  ImageMissing: {
    check: 'registry/image',
    severity: 'problem',
    means: 'The repository has no such tag or digest.',
    fix: 'Push it, or look which tags there are: aws ecr list-images --registry-id {account} --region {region} --repository-name {repository}',
  },

  ApiAnswers: { check: 'kubernetes/api', severity: 'ok', fix: '' },
  VersionSupported: { check: 'kubernetes/version', severity: 'ok', fix: '' },
  VersionTooOld: {
    check: 'kubernetes/version',
    severity: 'problem',
    means: 'The cluster is older than 1.22, which server-side apply is stable from.',
    fix: 'Upgrade the cluster to {oldest} or newer: older ones have no stable server-side apply.',
  },
  VersionUntested: {
    check: 'kubernetes/version',
    severity: 'note',
    means: 'The cluster is newer than what this release was tested with.',
    fix: 'Nothing needs to be done; look for a newer release of ecr-cred-helper, which is tested with it.',
  },
  AskedAs: { check: 'kubernetes/identity', severity: 'ok', fix: '' },
  AskedAsSomebodyElse: {
    check: 'kubernetes/identity',
    severity: 'note',
    means: 'Permissions were asked as somebody who is not the account that runs the program.',
    fix: 'Ask on behalf of the ServiceAccount that runs it: ecr-cred-helper doctor --as {account}',
  },
  AskedAsOurselves: {
    check: 'kubernetes/identity',
    severity: 'note',
    means: 'You may not ask on behalf of the account that runs the program, so its permissions were not looked at.',
    fix: 'Ask as somebody who may impersonate it, or let it look itself: {asItself}',
  },
  ImpersonationForbidden: {
    check: 'kubernetes/identity',
    severity: 'problem',
    means: 'You may not ask on behalf of whom `--as` names.',
    fix: 'Ask as somebody who may impersonate {account} (verb impersonate on serviceaccounts), or run doctor in the pod itself.',
  },
  ServiceAccountUnknown: {
    check: 'kubernetes/identity',
    severity: 'problem',
    means: 'The ServiceAccount that `--as` names does not exist.',
    fix: 'Name one that exists. Those there are: kubectl get serviceaccounts -A',
  },
  PermissionGranted: { check: 'kubernetes/permissions', severity: 'ok', fix: '' },
  BindingMissing: {
    check: 'kubernetes/permissions',
    severity: 'problem',
    means: 'The role is there, and no binding gives it to the account.',
    fix: 'Bind it: {command}',
  },
  PermissionMissing: {
    check: 'kubernetes/permissions',
    severity: 'problem',
    means: 'The account may not do something that the program needs.',
    fix: '{command}',
  },
  RoleIsTight: { check: 'kubernetes/excess', severity: 'ok', fix: '' },
  RoleAllowsMore: {
    check: 'kubernetes/excess',
    severity: 'note',
    means: 'The account may do more than the program needs.',
    fix: '{remedy}',
  },
  FenceStands: { check: 'kubernetes/fence', severity: 'ok', fix: '' },
  FenceUnavailable: {
    check: 'kubernetes/fence',
    severity: 'note',
    means: 'The cluster is older than the kind of policy that the fence is.',
    fix: 'From Kubernetes 1.30 there is one. What a stolen token can do until then: docs/security.md.',
  },
  FenceMissing: {
    check: 'kubernetes/fence',
    severity: 'note',
    means: 'Nothing holds the account to the one secret: whoever steals its token can use all that its role allows.',
    fix: '{install}',
  },
  FenceUnbound: {
    check: 'kubernetes/fence',
    severity: 'problem',
    means: 'The fence is there, and no binding has it deny anything.',
    fix: '{install}',
  },
  FenceAroundAnother: {
    check: 'kubernetes/fence',
    severity: 'problem',
    means: 'The fence judges another account than the one that runs the program.',
    fix: "kubectl patch validatingadmissionpolicy {name} --type=json -p '{patch}'",
  },
  FenceDiffers: {
    check: 'kubernetes/fence',
    severity: 'problem',
    means: 'The fence allows another label or name than is set: it denies what the program has to write.',
    fix: "kubectl patch validatingadmissionpolicy {name} --type=json -p '{patch}'",
  },

  NamespacesMatch: { check: 'namespaces/labels', severity: 'ok', fix: '' },
  NamespaceUnlabelled: {
    check: 'namespaces/labels',
    severity: 'problem',
    means: 'The namespace that was asked about has no label, so it gets no pull secret.',
    fix: 'kubectl label namespace {namespace} {label}',
  },
  NamespaceMissing: {
    check: 'namespaces/labels',
    severity: 'problem',
    means: 'There is no namespace of the name that was asked about.',
    fix: 'Those there are: kubectl get namespaces',
  },
  NamespaceLabelMistyped: {
    check: 'namespaces/labels',
    severity: 'problem',
    means: 'A namespace has a label, a value or an annotation that is nearly the one it would be served for.',
    fix: 'kubectl label namespace {namespace} {label} --overwrite',
  },
  NamespaceTerminating: {
    check: 'namespaces/labels',
    severity: 'note',
    means: 'A labelled namespace is being deleted.',
    fix: 'Nothing needs to be done: it is passed over. If it does not go away: kubectl get namespace {namespace} -o yaml',
  },
  WriteAccepted: { check: 'namespaces/admission', severity: 'ok', fix: '' },

  PullSecretValid: { check: 'secrets/state', severity: 'ok', fix: '' },
  PullSecretMissing: {
    check: 'secrets/state',
    severity: 'problem',
    means: 'A labelled namespace has no pull secret.',
    fix: '{run}',
  },
  PullSecretExpired: {
    check: 'secrets/state',
    severity: 'problem',
    means:
      'The token in a pull secret has expired. A kubelet says `403 Forbidden`, or `Your authorization token has expired`.',
    fix: '{run}',
  },
  PullSecretExpiring: {
    check: 'secrets/state',
    severity: 'problem',
    means: 'A token expires soon and should have been renewed by now: what runs the program does not.',
    fix: '{run}',
  },
  PullSecretUnreadable: {
    check: 'secrets/state',
    severity: 'problem',
    means: 'A pull secret holds nothing that a kubelet could log in with.',
    fix: '{run}',
  },
  PullSecretLacksRegistry: {
    check: 'secrets/state',
    severity: 'problem',
    means: 'A pull secret holds no login for a registry that it should.',
    fix: '{run}',
  },
  PullSecretOfOthers: {
    check: 'secrets/state',
    severity: 'note',
    means: 'A pull secret was made by somebody else, and nothing in it would be lost.',
    fix: 'Nothing needs to be done: the next run adopts it, and nothing in it is lost.',
  },
  PullSecretShared: {
    check: 'secrets/state',
    severity: 'note',
    means: 'A pull secret also holds logins of others, which are kept or overwritten as ECR_ON_CONFLICT says.',
    fix: 'Nothing needs to be done if that is meant; ECR_ON_CONFLICT decides what becomes of the other logins.',
  },
  FirstPodStands: { check: 'secrets/first-pod', severity: 'ok', fix: '' },
  FirstPodDiffers: {
    check: 'secrets/first-pod',
    severity: 'problem',
    means: 'The policy that gives new pods the secret is for other namespaces, or another secret.',
    fix: 'Set the label and the name in your overlay of deploy/first-pod, in three places: docs/operations.md#every-new-pod',
  },
  PodsPull: { check: 'secrets/pods', severity: 'ok', fix: '' },
  PodNamespaceUnlabelled: {
    check: 'secrets/pods',
    severity: 'problem',
    means: 'A pod waits for an image of a registry that is served, in a namespace that is not.',
    fix: 'kubectl label namespace {namespace} {label} --overwrite',
  },
  PodOfOthers: {
    check: 'secrets/pods',
    severity: 'note',
    means:
      "A pod waits for an image of ECR that is none of this program's: its nodes pull it, or it is of a registry that is not served.",
    fix: 'Nothing needs to be done here: its nodes, or whoever it belongs to, have to let it in.',
  },
  PodNamesNoSecret: {
    check: 'secrets/pods',
    severity: 'problem',
    means:
      'A pod waits for an image, and its `imagePullSecrets` do not name the pull secret. It has those that it was made with.',
    fix: '{give}',
  },
  PodRegistryUnserved: {
    check: 'secrets/pods',
    severity: 'problem',
    means: 'A pod waits for an image of a registry that the pull secret holds no login for.',
    fix: '{add}',
  },
  PodPullFails: {
    check: 'secrets/pods',
    severity: 'problem',
    means:
      'A pod waits for an image, and names the pull secret: what is amiss is the secret, the rights on the repository or the node.',
    fix: 'Have its way to the image followed: ecr-cred-helper explain {pod} -n {namespace}',
  },

  PodPulls: { check: 'pod/images', severity: 'ok', fix: '' },
  PodForbidden: {
    check: 'pod/images',
    severity: 'problem',
    means: 'Whoever asks may not read the pod.',
    fix: 'Ask as somebody who may read it: deploy/operators/doctor.yaml is what that takes. Whom the API server takes you for: kubectl auth whoami',
  },
  PodMissing: {
    check: 'pod/images',
    severity: 'problem',
    means: 'There is no pod of that name in that namespace.',
    fix: 'Those there are: kubectl -n {namespace} get pods',
  },
  PodUnscheduled: {
    check: 'pod/images',
    severity: 'problem',
    means: 'No node takes the pod, so nobody has tried to pull anything.',
    fix: 'What Kubernetes says of it: kubectl -n {namespace} describe pod {name}',
  },
  PodWaitsForOther: {
    check: 'pod/images',
    severity: 'problem',
    means: 'The pod waits, and not for an image.',
    fix: 'What Kubernetes says of it: kubectl -n {namespace} describe pod {name}',
  },
  PodImageNeverPulled: {
    check: 'pod/images',
    severity: 'problem',
    means: 'The kubelet may not pull the image, or it is no name of one.',
    fix: 'Correct the image or its imagePullPolicy where the pod comes from: kubectl -n {namespace} get pod {name} -o yaml',
  },
  PodImageNotOfEcr: {
    check: 'pod/images',
    severity: 'note',
    means: 'The pod waits for an image of another registry than ECR.',
    fix: 'This program has nothing to do with it. What Kubernetes says of it: kubectl -n {namespace} describe pod {name}',
  },
  PodBackOff: {
    check: 'pod/images',
    severity: 'note',
    means:
      'The pull secret opens the image now. The kubelet waits longer after each try, five minutes at most, and tries again by itself; where it goes on failing, the node reaches the registry otherwise than this machine.',
    fix: 'Nothing needs to be done but to wait. To have it tried at once, where something makes the pod anew: kubectl -n {namespace} delete pod {name}',
  },

  WorkloadFound: { check: 'workload/state', severity: 'ok', fix: '' },
  WorkloadMissing: {
    check: 'workload/state',
    severity: 'note',
    means: 'Nothing in the cluster runs the program, or nothing that can be told by its image or labels.',
    fix: 'Install it: {install}',
  },
  CronJobSuspended: {
    check: 'workload/state',
    severity: 'problem',
    means: 'The CronJob is suspended: tokens expire and nobody renews them.',
    fix: `kubectl -n {namespace} patch cronjob {name} -p '{"spec":{"suspend":false}}'`,
  },
  CronJobNeverRan: {
    check: 'workload/state',
    severity: 'problem',
    means: 'The CronJob has never run though it should have.',
    fix: '{run}',
  },
  LastRunFailed: {
    check: 'workload/state',
    severity: 'problem',
    means: 'The last run failed; its exit code says of what kind that was.',
    fix: '{hint}',
  },
  RunOverdue: {
    check: 'workload/state',
    severity: 'problem',
    means: 'No run has succeeded for longer than the schedule allows.',
    fix: 'Look why its jobs do not end well: kubectl -n {namespace} get jobs,pods && kubectl -n {namespace} describe cronjob {name}',
  },
  PodKeptRunning: {
    check: 'workload/state',
    severity: 'problem',
    means: 'A run is done, and a sidecar keeps its pod, so that no other run starts.',
    fix: `Keep the sidecar of the mesh out of it, as deploy/ does: kubectl -n {namespace} patch cronjob {name} -p '{"spec":{"jobTemplate":{"spec":{"template":{"metadata":{"labels":{"sidecar.istio.io/inject":"false"},"annotations":{"sidecar.istio.io/inject":"false","linkerd.io/inject":"disabled"}}}}}}}' && kubectl -n {namespace} delete job {job}`,
  },
  DeploymentScaledDown: {
    check: 'workload/state',
    severity: 'problem',
    means: 'The Deployment has no replicas.',
    fix: `kubectl -n {namespace} patch deployment {name} -p '{"spec":{"replicas":2}}'`,
  },
  DeploymentNotReady: {
    check: 'workload/state',
    severity: 'problem',
    means: 'No replica of the Deployment is ready.',
    fix: 'Read why: kubectl -n {namespace} describe deployment {name} && kubectl -n {namespace} logs deployment/{name}',
  },
  ScheduleFits: { check: 'workload/schedule', severity: 'ok', fix: '' },
  ScheduleTooSparse: {
    check: 'workload/schedule',
    severity: 'problem',
    means: 'Between two runs a token expires.',
    fix: '{change}',
  },
  ScheduleLeavesNoSlack: {
    check: 'workload/schedule',
    severity: 'note',
    means: 'Where one run fails, a token expires before the next.',
    fix: 'So that one missed run leaves no gap: {change}',
  },
  ImageTagFixed: { check: 'workload/image', severity: 'ok', fix: '' },
  ImageTagFloats: {
    check: 'workload/image',
    severity: 'note',
    means: 'The image is named by a tag that people move: the program changes when nobody changed it.',
    fix: 'Name a version or a digest, so that the program changes when you change it: {image}:<version>',
  },
  SecretHasOneWriter: { check: 'workload/writers', severity: 'ok', fix: '' },
  SecretHasOtherWriters: {
    check: 'workload/writers',
    severity: 'problem',
    means: 'Somebody else keeps writing the pull secret.',
    fix: 'Stop one of the two, or give this one a name of its own with ECR_SECRET_NAME. Who wrote it, and when: kubectl -n {namespace} get secret {secret} --show-managed-fields -o "custom-columns=WRITER:.metadata.managedFields[*].manager,AT:.metadata.managedFields[*].time"',
  },
} as const satisfies Record<string, Row>;

export type FindingReason = keyof typeof findingTable;
