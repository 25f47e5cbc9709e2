import type { Log } from '../../ports.ts';

/** A logger in the shape that the SDK's providers take. */
type SdkLogger = Record<'trace' | 'debug' | 'info' | 'warn' | 'error', (...content: unknown[]) => void>;

export type CredentialTrail = {
  logger: SdkLogger;
  /** What the links said that were set up and failed, oldest first. */
  said(): readonly string[];
};

// A link of the credential chain says in a debug line alone why it passes on to the next, and the chain ends with
// "Could not load credentials from any providers", whatever went wrong before.
const LINK_ERROR = /^@smithy\/property-provider (?:->|\(!\)) /;

// What links say that were not set up at all.
const NOT_SET_UP = [
  /^Unable to find environment variable credentials/,
  /^AWS_PROFILE is set, skipping fromEnv/,
  /^Skipping SSO provider/,
  /^(?:Could not resolve credentials using profile: \[default\]|Profile default could not be found)/,
  /^Web identity configuration not specified/,
  /^EC2 Instance Metadata Service access disabled/,
  /^Could not load credentials from any providers/,
];

const MOST_SAID = 8;

/** Listens to the credential chain; its warnings go to `log`. */
export function chainTrail(log: Log | undefined): CredentialTrail {
  const said = new Set<string>();
  const listen = (line: unknown): void => {
    if (typeof line !== 'string' || !LINK_ERROR.test(line)) return;
    const words = line.replace(LINK_ERROR, '');
    if (said.size < MOST_SAID && !NOT_SET_UP.some((pattern) => pattern.test(words))) said.add(words);
  };
  const quiet = (): void => undefined;
  const warn = (...content: unknown[]): void =>
    log?.('warn', 'The AWS SDK warns about the credentials', { warning: content.map(String).join(' ') });
  return {
    logger: { trace: quiet, debug: listen, info: quiet, warn, error: warn },
    said: () => [...said],
  };
}
