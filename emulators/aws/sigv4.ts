import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

import { awsError, type AwsError } from './errors.ts';
import { header, type Request } from './http.ts';
import type { Principal } from './principals.ts';

/** What the Authorization header of Signature Version 4 says. */
export type Claim = {
  accessKeyId: string;
  dateStamp: string;
  region: string;
  service: string;
  signedHeaders: readonly string[];
  signature: string;
};

export type Verdict = { ok: true; principal: Principal; region: string } | { ok: false; why: AwsError };

// STS is more patient than the services of containers.
const SKEW_MINUTES: Record<string, number> = { sts: 15 };
const DEFAULT_SKEW_MINUTES = 5;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request,\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;

/** Reads the Authorization header; nothing where it is absent or is not of Signature Version 4. */
export function readClaim(request: Request): Claim | undefined {
  const match = AUTHORIZATION.exec(header(request, 'authorization') ?? '');
  if (match === null) return undefined;
  const [, accessKeyId = '', dateStamp = '', region = '', service = '', names = '', signature = ''] = match;
  return { accessKeyId, dateStamp, region, service, signedHeaders: names.split(';'), signature };
}

/**
 * Judges a signed request as AWS does: the key is known, the session token is its own, the time is near enough, the
 * signature is the one that the secret key makes, the session has not expired.
 */
export function verify(
  request: Request,
  service: string,
  nowMs: number,
  find: (accessKeyId: string) => Principal | undefined,
): Verdict {
  const claim = readClaim(request);
  if (claim === undefined) return refuse(unreadable(request));
  const principal = find(claim.accessKeyId);
  if (principal === undefined || principal.sessionToken !== header(request, 'x-amz-security-token')) {
    return refuse(awsError('UnrecognizedClientException'));
  }
  const why =
    wrongScope(claim, service) ??
    wrongTime(request, service, nowMs) ??
    wrongSignature(request, claim, principal.secretAccessKey) ??
    expired(principal, nowMs);
  return why === undefined ? { ok: true, principal, region: claim.region } : refuse(why);
}

/** How a signature that is too old is refused; the times are AWS's basic ISO 8601. */
export function signatureExpired(service: string, signedMs: number, nowMs: number): AwsError {
  const minutes = skewMinutes(service);
  const limit = `${amzDate(nowMs - minutes * 60_000)} (${amzDate(nowMs)} - ${minutes} min.)`;
  return awsError('InvalidSignatureException', `Signature expired: ${amzDate(signedMs)} is now earlier than ${limit}`);
}

/** How a signature from the future is refused. */
export function signatureNotYetCurrent(service: string, signedMs: number, nowMs: number): AwsError {
  const minutes = skewMinutes(service);
  const limit = `${amzDate(nowMs + minutes * 60_000)} (${amzDate(nowMs)} + ${minutes} min.)`;
  return awsError(
    'InvalidSignatureException',
    `Signature not yet current: ${amzDate(signedMs)} is still later than ${limit}`,
  );
}

function skewMinutes(service: string): number {
  return SKEW_MINUTES[service] ?? DEFAULT_SKEW_MINUTES;
}

function refuse(why: AwsError): Verdict {
  return { ok: false, why };
}

function unreadable(request: Request): AwsError {
  const given = header(request, 'authorization');
  if (given === undefined) return awsError('MissingAuthenticationTokenException');
  const missing = ['Credential', 'Signature', 'SignedHeaders'].filter((name) => !given.includes(`${name}=`));
  if (missing.length === 0) return awsError('IncompleteSignatureException');
  const named = missing.map((name) => `Authorization header requires '${name}' parameter.`).join(' ');
  return awsError('IncompleteSignatureException', `${named} Authorization=${given.split(' ', 1)[0] ?? ''}`);
}

function wrongScope(claim: Claim, service: string): AwsError | undefined {
  if (claim.service === service) return undefined;
  return awsError('InvalidSignatureException', `Credential should be scoped to correct service: '${service}'. `);
}

function wrongTime(request: Request, service: string, nowMs: number): AwsError | undefined {
  const signedMs = parseAmzDate(header(request, 'x-amz-date') ?? '');
  if (signedMs === undefined) {
    return awsError('IncompleteSignatureException', "Date must be in ISO-8601 'basic format'.");
  }
  const skewMs = skewMinutes(service) * 60_000;
  if (signedMs < nowMs - skewMs) return signatureExpired(service, signedMs, nowMs);
  return signedMs > nowMs + skewMs ? signatureNotYetCurrent(service, signedMs, nowMs) : undefined;
}

function wrongSignature(request: Request, claim: Claim, secretAccessKey: string): AwsError | undefined {
  const mustSign = ['host', 'x-amz-date'].concat(
    request.headers.has('x-amz-security-token') ? ['x-amz-security-token'] : [],
  );
  const complete = mustSign.every((name) => claim.signedHeaders.includes(name));
  const inDay = (header(request, 'x-amz-date') ?? '').startsWith(claim.dateStamp);
  const expected = Buffer.from(signatureOf(request, claim, secretAccessKey), 'hex');
  const same = timingSafeEqual(expected, Buffer.from(claim.signature, 'hex'));
  return complete && inDay && same ? undefined : awsError('InvalidSignatureException');
}

function expired(principal: Principal, nowMs: number): AwsError | undefined {
  const ended = principal.expiresAtMs !== undefined && principal.expiresAtMs <= nowMs;
  return ended ? awsError('ExpiredTokenException') : undefined;
}

function signatureOf(request: Request, claim: Claim, secretAccessKey: string): string {
  const scope = `${claim.dateStamp}/${claim.region}/${claim.service}/aws4_request`;
  const canonical = canonicalRequest(request, claim.signedHeaders);
  const toSign = ['AWS4-HMAC-SHA256', header(request, 'x-amz-date') ?? '', scope, sha256(canonical)].join('\n');
  const key = [claim.dateStamp, claim.region, claim.service, 'aws4_request'].reduce<Buffer>(
    hmac,
    Buffer.from(`AWS4${secretAccessKey}`),
  );
  return hmac(key, toSign).toString('hex');
}

function canonicalRequest(request: Request, signedHeaders: readonly string[]): string {
  const headers = signedHeaders.map((name) => {
    const values = request.headers.get(name) ?? [];
    return `${name}:${values.map((value) => value.trim().replaceAll(/\s+/g, ' ')).join(',')}\n`;
  });
  return [
    request.method,
    // Every service but S3 encodes the path that is already encoded once more.
    encodeURIComponent(request.path).replaceAll('%2F', '/'),
    request.query.split('&').filter(Boolean).sort().join('&'),
    headers.join(''),
    signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n');
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

function amzDate(timeMs: number): string {
  return new Date(timeMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
}

function parseAmzDate(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const timeMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
