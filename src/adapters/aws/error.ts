import type { AwsReply } from '../../core/secret/token.ts';

export type AwsErrorReply = Extract<AwsReply, { kind: 'error' }>;

/** What a call was at when it failed. */
export type AwsPhase = {
  /** Who was asked; `credentials`: the chain, on this machine alone. */
  service: AwsErrorReply['service'];
  /** The host that was asked last. */
  host: string | undefined;
  /** What the links of the credential chain said as they passed on to the next. */
  trail?: readonly string[];
};

/** Puts whatever the SDK threw into plain facts. */
export function replyOfError(thrown: unknown, { service, host, trail = [] }: AwsPhase): AwsErrorReply {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { httpStatusCode: status, requestId } = metadataOf(error);
  const causeCode = codeOf(error);
  return {
    kind: 'error',
    name: shownAs(error.name),
    message: [messageOf(error), ...trail].join('; '),
    ...(status === undefined ? {} : { status }),
    ...(causeCode === undefined ? {} : { causeCode }),
    ...(requestId === undefined ? {} : { requestId }),
    service,
    ...(host === undefined ? {} : { host }),
  };
}

// Advice to programmers that the SDK adds to what went wrong.
const SDK_ASIDE = /\n {2}Deserialization error: to see the raw response.*$/s;

/** The SDK's `$metadata`, which it adds to errors of its own and to those of the network. */
function metadataOf(error: Error): { httpStatusCode?: number; requestId?: string } {
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  if (typeof metadata !== 'object' || metadata === null) return {};
  const status: unknown = 'httpStatusCode' in metadata ? metadata.httpStatusCode : undefined;
  const requestId: unknown = 'requestId' in metadata ? metadata.requestId : undefined;
  return {
    ...(typeof status === 'number' ? { httpStatusCode: status } : {}),
    ...(typeof requestId === 'string' ? { requestId } : {}),
  };
}

function codeOf(error: Error): string | undefined {
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause instanceof Error ? codeOf(error.cause) : undefined;
}

/** A host with several addresses fails with an `AggregateError`, whose own message is empty. */
function messageOf(error: Error): string {
  if (shownAs(error.message) !== '') return shownAs(error.message).replace(SDK_ASIDE, '');
  if (!(error instanceof AggregateError)) return shownAs(error.name);
  return error.errors.map((each) => (each instanceof Error ? each.message : String(each))).join(', ');
}

/** The SDK puts what the answer holds into its errors, of whatever type that is. */
function shownAs(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
