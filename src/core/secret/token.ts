import { isAwsHost, parseRegistryHost, type Registry } from './registry-host.ts';
import { failure, type Failure, type Result } from '../failures/errors.ts';

/** One call to ECR: tokens are regional, so one for each partition and region. */
export type TokenRequest = {
  /** Absent: the SDK's own resolution (profile, configuration file). */
  region?: string;
  /** Hosts that this token must serve; empty: whichever host ECR names. */
  registries: readonly Registry[];
  fips: boolean;
  dualStack: boolean;
};

/** What came back from AWS, as plain facts. */
export type AwsReply =
  | {
      kind: 'answer';
      authorizationToken: string | undefined;
      expiresAtMs: number | undefined;
      proxyEndpoint: string | undefined;
      /** The host that answered. */
      host?: string;
      requestId?: string;
    }
  | {
      kind: 'error';
      /** The service's or the SDK's error name (`UnrecognizedClientException`, `CredentialsProviderError`, `TimeoutError`, `ECONNREFUSED`). */
      name: string;
      message: string;
      /** HTTP status, where there was an answer. */
      status?: number;
      /** Node's error code of the cause (`ENOTFOUND`, `SELF_SIGNED_CERT_IN_CHAIN`). */
      causeCode?: string;
      requestId?: string;
      /** Which service refused; credentials may come from STS first. */
      service: 'ecr' | 'sts' | 'credentials';
      /** The endpoint or host that was asked, where known. */
      host?: string;
    };

/** No token of ECR lives longer; where one seems to, a clock is wrong. Milliseconds. */
export const longestLifeMs = 12 * 60 * 60_000;
/** This machine's clock may be so far behind that of AWS, whose word for the end of a token is the better one. */
const mostBehindMs = 24 * 60 * 60_000;

/** A complete authorization token for a set of hosts. */
export type AuthorizationToken = {
  hosts: readonly string[];
  /** Without the `AWS:` prefix. */
  password: string;
  /** When ECR issued it, by our clock. */
  issuedAtMs: number;
  expiresAtMs: number;
};

/**
 * Groups registries into the fewest calls to ECR: one for each partition and region.
 * Without registries one call in `region`, for the host that ECR names.
 */
export function tokenRequests(registries: readonly Registry[], region: string | undefined): TokenRequest[] {
  if (registries.length === 0) {
    return [{ ...(region === undefined ? {} : { region }), registries: [], fips: false, dualStack: false }];
  }
  const groups = new Map<string, Registry[]>();
  for (const registry of registries) {
    const key = `${registry.partition}/${registry.region}`;
    groups.set(key, [...(groups.get(key) ?? []), registry]);
  }
  return [...groups.values()].map((group) => ({
    region: group[0]?.region ?? '',
    registries: group,
    fips: group.some((registry) => registry.fips),
    dualStack: group.every((registry) => registry.dualStack),
  }));
}

/**
 * A reply becomes a token only when it is complete: decodes to `AWS:<password>`, expires in the future, names a host.
 * Nothing less may replace a working secret. Whatever the reply says, it is taken to live no longer than tokens do.
 */
export function tokenFromReply(
  reply: Extract<AwsReply, { kind: 'answer' }>,
  request: TokenRequest,
  nowMs: number,
): Result<AuthorizationToken> {
  const flaw = (why: string): { ok: false; failure: Failure } => ({
    ok: false,
    failure: failure('AwsReplyInvalid', { where: whereOf(request), why, requestId: reply.requestId }),
  });

  if (reply.authorizationToken === undefined || reply.authorizationToken === '')
    return flaw('the reply holds no authorization token');
  const password = decodedPassword(reply.authorizationToken);
  if (password === undefined) return flaw('the token does not decode to AWS:<password>');
  // Beyond some hundred thousand years there are no dates.
  if (reply.expiresAtMs === undefined || Number.isNaN(new Date(reply.expiresAtMs).getTime()))
    return flaw('the reply does not say when the token expires');
  if (reply.expiresAtMs <= nowMs) return flaw(`the token expired at ${new Date(reply.expiresAtMs).toISOString()}`);

  const hosts = request.registries.map((registry) => registry.host);
  const named = hosts.length > 0 ? hosts : hostOfEndpoint(reply);
  if (named.length === 0) return flaw('the reply names no registry of ECR');
  const isAbsurd = reply.expiresAtMs > nowMs + longestLifeMs + mostBehindMs;
  const expiresAtMs = isAbsurd ? nowMs + longestLifeMs : reply.expiresAtMs;
  return { ok: true, value: { hosts: named, password, issuedAtMs: nowMs, expiresAtMs } };
}

/** The region and hosts of a request, for messages. */
export function whereOf(request: TokenRequest): string {
  const hosts = request.registries.map((registry) => registry.host).join(', ');
  const region = request.region ?? 'the configured region';
  return hosts === '' ? region : `${region} (${hosts})`;
}

function decodedPassword(authorizationToken: string): string | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(authorizationToken)) return undefined;
  const decoded = Buffer.from(authorizationToken, 'base64').toString('utf8');
  const password = decoded.startsWith('AWS:') ? decoded.slice('AWS:'.length) : '';
  // Printable ASCII alone: a docker config with anything else fails the whole pod's lookup.
  return /^[\x21-\x7e]+$/.test(password) ? password : undefined;
}

/** AWS's own hosts name registries of ECR alone; an endpoint that somebody configured may have others. */
function hostOfEndpoint({ proxyEndpoint, host }: Extract<AwsReply, { kind: 'answer' }>): string[] {
  const named = /^https:\/\/([a-z0-9.-]+)\/?$/.exec(proxyEndpoint ?? '')?.[1];
  if (named === undefined) return [];
  return parseRegistryHost(named) !== undefined || (host !== undefined && !isAwsHost(host)) ? [named] : [];
}
