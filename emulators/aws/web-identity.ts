import { awsError, type AwsError } from './errors.ts';

export type WebIdentity =
  | { ok: true; subject: string; audience: string; provider: string }
  | { ok: false; why: AwsError };
export type Registered = { subject: string; expiresAtMs?: number };

const AUDIENCE = 'sts.amazonaws.com';
const ISSUER = 'oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE';

/** What identifies a workload to STS: registered strings, and tokens that read as a JWT for STS's audience. */
export class WebIdentities {
  readonly #registered = new Map<string, Registered>();

  register(token: string, identity: Registered): void {
    this.#registered.set(token, identity);
  }

  /** Judges a token as STS does; its signature is not checked, since no identity provider stands behind it. */
  read(token: string, nowMs: number): WebIdentity {
    const known = this.#registered.get(token);
    if (known !== undefined) return judge({ ...known, audience: AUDIENCE, provider: ISSUER }, nowMs);
    const payload = jwtPayload(token);
    if (payload === undefined) return { ok: false, why: awsError('InvalidIdentityTokenException') };
    const { exp, sub, aud, iss } = payload;
    const audiences: unknown[] = Array.isArray(aud) ? aud : [aud];
    if (!audiences.includes(AUDIENCE)) {
      return { ok: false, why: awsError('InvalidIdentityTokenException', 'Incorrect token audience') };
    }
    const expiresAtMs = typeof exp === 'number' ? exp * 1000 : 0;
    const provider = typeof iss === 'string' ? iss.replace(/^https:\/\//, '') : ISSUER;
    return judge({ subject: typeof sub === 'string' ? sub : '', expiresAtMs, audience: AUDIENCE, provider }, nowMs);
  }
}

/** A token as a kubelet projects it for STS, without a signature that would hold. */
export function webIdentityToken(subject: string, expiresAtMs: number, audience: string = AUDIENCE): string {
  const header = { alg: 'RS256', kid: 'emulated', typ: 'JWT' };
  const seconds = Math.floor(expiresAtMs / 1000);
  const payload = { aud: [audience], exp: seconds, iat: seconds - 86_400, iss: `https://${ISSUER}`, sub: subject };
  const parts = [JSON.stringify(header), JSON.stringify(payload), 'no signature'];
  return parts.map((part) => Buffer.from(part).toString('base64url')).join('.');
}

function judge(
  { subject, expiresAtMs, audience, provider }: Registered & { audience: string; provider: string },
  nowMs: number,
): WebIdentity {
  if (expiresAtMs === undefined || expiresAtMs > nowMs) return { ok: true, subject, audience, provider };
  // The blank that is missing before the second time is STS's own.
  const times = `current date/time ${seconds(nowMs)} must be before the expiration date/time${seconds(expiresAtMs)}`;
  return { ok: false, why: awsError('ExpiredWebIdentityTokenException', `Token expired: ${times}`) };
}

function seconds(timeMs: number): number {
  return Math.floor(timeMs / 1000);
}

function jwtPayload(token: string): Record<string, unknown> | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  try {
    const payload: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString());
    return typeof payload === 'object' && payload !== null ? { ...payload } : undefined;
  } catch {
    return undefined;
  }
}
