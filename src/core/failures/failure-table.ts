/** See `docs/errors.md`. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5;

type Row = {
  exit: ExitCode;
  /** What failed, a constant, so that one search finds every occurrence. */
  what: string;
  /** The one thing to do. `{name}` is filled from the failure's facts. */
  fix: string;
};

/**
 * Every failure this program reports, in the order `docs/errors.md` shows them.
 * The codes are stable: they stand in logs, events, metrics and summaries, and operators search for them.
 */
export const failureTable = {
  // Configuration and usage: nothing was touched.
  CommandUnknown: { exit: 2, what: 'There is no such command', fix: '{hint}' },
  OptionUnknown: { exit: 2, what: 'There is no such option', fix: '{hint}' },
  OptionValueInvalid: { exit: 2, what: 'An option has a value it cannot have', fix: 'Set {name} to {expected}.' },
  OptionsContradict: { exit: 2, what: 'Two settings contradict each other', fix: '{hint}' },
  CredentialInArguments: {
    exit: 2,
    what: 'A credential was given as an argument, where every user of the machine can read it',
    fix: 'Set {name} in the environment, and replace the key that was exposed.',
  },
  CredentialsIncomplete: {
    exit: 2,
    what: 'Only one half of the AWS key is set',
    fix: 'Set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither.',
  },
  RegistryHostInvalid: {
    exit: 2,
    what: 'DOCKER_REGISTRY names a host that is not an Amazon ECR registry',
    fix: 'Set DOCKER_REGISTRY to a host such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com, or leave it out to use the host that ECR names.',
  },
  AwsProfileInvalid: { exit: 2, what: 'The AWS profile cannot be used', fix: '{hint}' },
  RegionMissing: {
    exit: 2,
    what: 'The AWS region is not known',
    fix: 'Set AWS_REGION (or AWS_DEFAULT_REGION), or DOCKER_REGISTRY, whose host names its region.',
  },
  KubeconfigInvalid: {
    exit: 2,
    what: 'The kubeconfig cannot be used',
    fix: 'Mend the file, or name another with --kubeconfig and --context. How it is read: kubectl config view',
  },
  ClusterNotConfigured: {
    exit: 2,
    what: 'There is no cluster to talk to',
    fix: 'Run it in a pod with a mounted service account, or name a kubeconfig with KUBECONFIG or --kubeconfig.',
  },
  CertificatesUnreadable: {
    exit: 2,
    what: 'A file of CA certificates cannot be used',
    fix: 'Point {name} at a readable file of PEM certificates.',
  },
  ListenFailed: {
    exit: 2,
    what: 'The port for metrics and probes cannot be listened on',
    fix: 'Set ECR_LISTEN (--listen) to an address of this machine with a free port.',
  },
  LeaseNamespaceMissing: {
    exit: 2,
    what: 'The namespace of the Lease is not known',
    fix: 'Set ECR_LEASE_NAMESPACE (--lease-namespace), or ECR_LEADER_ELECTION=false where there is one replica only.',
  },
  ProxyInvalid: {
    exit: 2,
    what: 'The proxy setting is not a URL that can be used',
    fix: 'Set {name} to a URL such as http://proxy.example:3128.',
  },

  ConfirmationMissing: {
    exit: 2,
    what: 'Nobody is there to confirm what would be removed',
    fix: 'Add --dry-run to see what would be removed, or --yes to remove it.',
  },

  // AWS gave no token: nothing was touched.
  AwsCredentialsMissing: {
    exit: 3,
    what: 'No AWS credentials were found',
    fix: 'Give it an AWS key (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), or annotate its ServiceAccount for web identity or Pod Identity. On EC2 nodes, raise the instance metadata hop limit to 2 if the node role is meant.',
  },
  AwsProcessFailed: {
    exit: 3,
    what: 'The credential_process of the AWS profile gave no credentials',
    fix: 'Run the command of the profile by hand, as the same user and without a terminal; it has to print its JSON within a few seconds.',
  },
  AwsKeyUnknown: {
    exit: 3,
    what: 'AWS does not know this access key',
    fix: 'Check AWS_ACCESS_KEY_ID: the key may be deleted, inactive, mistyped or of another AWS partition.',
  },
  AwsSignatureMismatch: {
    exit: 3,
    what: 'AWS knows the access key but the secret key does not match it',
    fix: 'Set AWS_SECRET_ACCESS_KEY anew; a trailing newline or a lost character in the secret is the usual cause.',
  },
  AwsClockSkewed: {
    exit: 3,
    what: "This machine's clock differs too much from AWS's",
    fix: 'Set the clock of the node right (NTP, chrony); AWS allows a difference of five minutes.',
  },
  AwsCredentialsExpired: {
    exit: 3,
    what: 'The temporary AWS credentials have expired',
    fix: 'Renew them, or use credentials that renew themselves: web identity (IRSA) or Pod Identity.',
  },
  AwsAccessDenied: {
    exit: 3,
    what: 'AWS does not allow this identity to do that',
    fix: 'Allow the action named above in an IAM policy of that identity; `ecr:GetAuthorizationToken` needs Resource "*".',
  },
  AwsIdentityRefused: {
    exit: 3,
    what: 'AWS STS refused the identity token of the ServiceAccount',
    fix: "Check the role's trust policy: its OIDC provider, audience sts.amazonaws.com, and subject system:serviceaccount:<namespace>:<name>.",
  },
  AwsThrottled: {
    exit: 3,
    what: 'AWS is throttling the account',
    fix: 'Wait and let the next run try again; if it persists, find what else calls this API in the account.',
  },
  AwsUnavailable: {
    exit: 3,
    what: 'AWS answered with an error of its own',
    fix: 'Nothing is wrong here: every pull secret stays as it was. The next run tries again; see the AWS Health Dashboard.',
  },
  AwsUnreachable: {
    exit: 3,
    what: 'AWS could not be reached',
    fix: 'Check DNS, egress rules and HTTPS_PROXY/NO_PROXY from this pod to {host}.',
  },
  AwsTlsUntrusted: {
    exit: 3,
    what: "AWS's certificate is not trusted",
    fix: 'If a proxy inspects TLS here, point AWS_CA_BUNDLE at its CA certificate.',
  },
  AwsTimedOut: {
    exit: 3,
    what: 'AWS did not answer in time',
    fix: 'Check egress and the proxy to {host}; a firewall that drops packets silently looks like this.',
  },
  AwsReplyInvalid: {
    exit: 3,
    what: 'ECR answered without a usable token',
    fix: 'Every pull secret stays as it was. Check that nothing stands between here and ECR (proxy, AWS_ENDPOINT_URL); report it to AWS with the request id.',
  },
  AwsRequestRefused: {
    exit: 3,
    what: 'AWS refused the request',
    fix: 'Read the reason above; check AWS_REGION, DOCKER_REGISTRY and AWS_ENDPOINT_URL.',
  },

  // The Kubernetes API could not be reached or refused to list: nothing was touched.
  ApiUnreachable: {
    exit: 4,
    what: 'The Kubernetes API could not be reached',
    fix: 'Check the address, network policies and HTTPS_PROXY/NO_PROXY from here to {server}.',
  },
  ApiTlsUntrusted: {
    exit: 4,
    what: "The Kubernetes API's certificate is not trusted",
    fix: "Use the cluster's own CA (certificate-authority in the kubeconfig, ca.crt of the ServiceAccount) and a server name that the certificate carries.",
  },
  ApiTimedOut: {
    exit: 4,
    what: 'The Kubernetes API did not answer in time',
    fix: 'Check the load of the API server at {server} and what stands between; --request-timeout sets the limit.',
  },
  ApiUnauthorized: {
    exit: 4,
    what: 'The Kubernetes API does not accept our credentials',
    fix: 'Check that the ServiceAccount still exists and its token is mounted, or log in again if a kubeconfig is used.',
  },
  ApiCredentialsFailed: {
    exit: 4,
    what: 'The credentials for the Kubernetes API could not be obtained',
    fix: 'Run the command or read the file named above by hand, or name another user or context in the kubeconfig. To try the same: kubectl auth whoami',
  },
  ApiListForbidden: {
    exit: 4,
    what: 'Listing namespaces is forbidden',
    fix: 'Bind a ClusterRole with apiGroups [""], resources ["namespaces"], verbs ["list"] to this account; deploy/ has it.',
  },
  ApiWatchForbidden: {
    exit: 4,
    what: 'Watching is forbidden',
    fix: 'Bind a ClusterRole with apiGroups [""], resources ["{resource}"], verbs ["list", "watch"] to this account; deploy/controller has it.',
  },
  ApiWatchFailed: {
    exit: 4,
    what: 'A watch of the Kubernetes API was not opened, or made no sense',
    fix: 'Read the reason above; it is tried again, and what happens meanwhile is found when it opens.',
  },
  LeaseForbidden: {
    exit: 4,
    what: 'The Lease of the leader election may not be read or written',
    fix: 'Bind a Role in {namespace} with apiGroups ["coordination.k8s.io"], resources ["leases"], verbs ["get", "create", "update", "watch"] to this account; deploy/controller has it.',
  },
  LeaseFailed: {
    exit: 4,
    what: 'The Lease of the leader election could not be read or written',
    fix: 'Read the reason above; it is tried again every two seconds, and who does not hold it writes nothing.',
  },
  EventForbidden: {
    exit: 4,
    what: 'Sending Events is forbidden',
    fix: 'Bind a ClusterRole with apiGroups ["events.k8s.io"], resources ["events"], verbs ["create"] to this account; deploy/controller has it. Pull secrets are not affected.',
  },
  EventFailed: {
    exit: 4,
    what: 'An Event was not taken by the API server',
    fix: 'Read the reason above; pull secrets are not affected.',
  },
  ApiListFailed: {
    exit: 4,
    what: 'The Kubernetes API could not list the namespaces',
    fix: 'Read the reason above; the next run tries again.',
  },
  SecretListForbidden: {
    exit: 4,
    what: 'Listing the pull secrets is forbidden',
    fix: 'Bind a ClusterRole with apiGroups [""], resources ["secrets"], resourceNames ["{secret}"], verbs ["list"] to this account; in a single namespace a Role does, with --namespace.',
  },
  SecretListFailed: {
    exit: 4,
    what: 'The Kubernetes API could not list the pull secrets',
    fix: 'Read the reason above, and run it again.',
  },

  // One region or one namespace was not served: the others were.
  RegionUnserved: {
    exit: 5,
    what: 'One region gave no token; the others were refreshed, and logins for its registries stay as long as they live',
    fix: '{hint}',
  },
  SecretForbidden: {
    exit: 5,
    what: 'Writing the pull secret is forbidden',
    fix: 'Add to the ClusterRole: apiGroups [""], resources ["secrets"], resourceNames ["{secret}"], verbs ["{verb}"]; deploy/ has it.',
  },
  SecretHoldsOtherRegistries: {
    exit: 5,
    what: 'The secret holds data that this program would lose',
    fix: 'Set ECR_ON_CONFLICT=merge to keep it beside the ECR login, ECR_ON_CONFLICT=overwrite to lose it, or ECR_SECRET_NAME to use another name.',
  },
  SecretUnreadable: {
    exit: 5,
    what: 'The secret holds what no kubelet can read, so that none of its logins would be used',
    fix: 'Set ECR_ON_CONFLICT=overwrite to lose what is named above, or mend it; the docker config stands there in base64: kubectl -n {namespace} edit secret {secret}',
  },
  SecretTypeDiffers: {
    exit: 5,
    what: 'A secret of that name has another type, and a type cannot change',
    fix: 'Set ECR_SECRET_NAME to use another name, or, where nobody needs it any more, delete it: kubectl -n {namespace} delete secret {secret}',
  },
  SecretImmutable: {
    exit: 5,
    what: 'The secret is immutable',
    fix: 'Delete it, so that it can be made again without `immutable: true`: kubectl -n {namespace} delete secret {secret}',
  },
  SecretInvalid: {
    exit: 5,
    what: 'The API server finds the secret invalid',
    fix: 'Read the reason above; if the secret is too large, fewer registries or other logins must share it.',
  },
  SecretTooLarge: {
    exit: 5,
    what: 'A pull secret of others is too large to be looked at, and was left alone',
    fix: 'Make it smaller or delete it, or set ECR_SECRET_NAME to use another name. How it begins: kubectl -n {namespace} get secret {secret} -o yaml | head -c 2000',
  },
  SecretContended: {
    exit: 5,
    what: 'Another party keeps changing the secret',
    fix: 'Stop one of the two. Who wrote it, and when: kubectl -n {namespace} get secret {secret} --show-managed-fields -o "custom-columns=WRITER:.metadata.managedFields[*].manager,AT:.metadata.managedFields[*].time"',
  },
  SecretChanged: {
    exit: 5,
    what: 'The secret changed while it was being pruned, and stays',
    fix: 'Run it again.',
  },
  PruneFailed: {
    exit: 5,
    what: 'The pull secret could not be removed',
    fix: 'Read the reason above, and run it again; what was not done is as it was before.',
  },
  ServiceAccountsForbidden: {
    exit: 5,
    what: 'Looking for ServiceAccounts that name the pull secret is forbidden, so the secret stays',
    fix: 'Bind a ClusterRole with apiGroups [""], resources ["serviceaccounts"], verbs ["{verb}"] to this account for as long as it takes.',
  },
  ServiceAccountStillNames: {
    exit: 5,
    what: 'A ServiceAccount still names the pull secret that was removed',
    fix: 'It does no harm. Take {secret} out of its imagePullSecrets: kubectl -n {namespace} edit serviceaccount {account}',
  },
  FenceDenied: {
    exit: 5,
    what: 'The fence around this program denies the write',
    fix: 'Make the fence agree with the settings; something that changes the secret on its way, such as a webhook, does this, too. What differs, and what to type: ecr-cred-helper doctor',
  },
  QuotaExceeded: {
    exit: 5,
    what: "The namespace's quota leaves no room for the secret",
    fix: 'Raise the ResourceQuota named above, or delete a secret there. How much is used: kubectl -n {namespace} describe quota',
  },
  AdmissionDenied: {
    exit: 5,
    what: 'An admission policy refuses the secret',
    fix: 'Exempt the secret {secret} of type kubernetes.io/dockerconfigjson in the policy or webhook named above.',
  },
  NamespaceUnserved: {
    exit: 5,
    what: 'The API server did not take the secret, however often it was asked',
    fix: 'Look at the health and load of the API server; the next run tries again.',
  },
  NamespaceBug: {
    exit: 5,
    what: 'A bug in this program kept one namespace from being served; the others are',
    fix: 'Please report this line: https://github.com/ecr-cred-helper/ecr-cred-helper/issues. Deleting the secret {secret} in {namespace} helps where something odd in it is the reason.',
  },
  ListIncomplete: {
    exit: 5,
    what: 'The list of namespaces broke off part of the way',
    fix: 'The namespaces after that point were not looked at; the next run tries again.',
  },
  Interrupted: {
    exit: 5,
    what: 'The pass was stopped before every namespace was served',
    fix: 'Run it again; what was not done is as it was before.',
  },
  DeadlinePassed: {
    exit: 5,
    what: 'Time ran out before everything was done',
    fix: 'Run it again, or give it more time with --deadline; a slow API server is the usual cause.',
  },
  TokenExpired: {
    exit: 5,
    what: 'The token expired before the namespace could be served',
    fix: 'Run it again.',
  },
} as const satisfies Record<string, Row>;

export type FailureCode = keyof typeof failureTable;
