import { remedy, type FailureFacts } from './errors.ts';

type Row = {
  /** What was noticed, a constant, so that one search finds every occurrence. */
  what: string;
  /** The one thing to do. `{name}` is filled from the warning's facts. */
  fix: string;
};

/** What is pointed out and stops nothing, in the order `docs/errors.md` shows it. The codes are stable. */
export const warningTable = {
  VariableUnknown: { what: 'A variable of the environment looks mistyped and has no effect', fix: '{hint}' },
  VariableRetired: { what: 'A variable of an older release has no effect any more', fix: '{hint}' },
  ValueTrimmed: {
    what: 'A value has spaces or line breaks around it, which were taken off',
    fix: 'Set {name} without them; `echo -n` and `kubectl create secret --from-literal` add none.',
  },
  RegistryHostCleaned: {
    what: 'DOCKER_REGISTRY holds more than a host, which was taken off',
    fix: 'Set it to {host}.',
  },
  RegionDiffers: { what: 'Two settings name different AWS regions', fix: '{hint}' },
  ProfileHidesKeys: {
    what: 'The AWS key in the environment is not used, since AWS_PROFILE is set',
    fix: 'Unset AWS_PROFILE to use the key, or unset AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to use the profile.',
  },
  RegionUnknown: { what: 'The AWS region is not a known one', fix: '{hint}' },
  AwsSettingUnused: { what: 'An AWS setting has no effect', fix: '{hint}' },
  VariableOverruled: {
    what: 'A variable would have Node skip certificates or print requests, and is not obeyed',
    fix: 'Unset {name}. A certificate is trusted by its authority: AWS_CA_BUNDLE for AWS, the kubeconfig for the cluster.',
  },
  SentInClear: {
    what: 'Credentials go over the network unencrypted',
    fix: 'Use an address that begins with https:// in {name}.',
  },
  TokenShortLived: {
    what: 'A token lives shorter than is usual between two passes',
    fix: 'Have a pass more often than every {life} (spec.schedule of the CronJob), use the controller, which renews it in time, or give the identity longer sessions.',
  },
  NoNamespaces: {
    what: 'No namespace carries the label',
    fix: 'Put the label {label} on the namespaces that need a pull secret. Those there are: kubectl get namespaces --show-labels',
  },
} as const satisfies Record<string, Row>;

export type WarningCode = keyof typeof warningTable;

/** Something an operator should know of that does not stop the program. */
export type Warning = {
  code: WarningCode;
  what: string;
  where: string;
  why: string;
  fix: string;
};

/**
 * Builds a warning from its row in the table.
 * @throws when a placeholder of the remedy has no value: that is a bug of the caller.
 */
export function warning(code: WarningCode, facts: FailureFacts): Warning {
  const { what, fix } = warningTable[code];
  return { code, what, where: facts.where, why: facts.why, fix: remedy(code, fix, facts) };
}
