import { isRecord } from '../api/reply.ts';
import { passwordsIn } from './docker-config.ts';
import type { ExistingSecret, PullSecret } from './pull-secret.ts';
import type { AuthorizationToken } from './token.ts';

/**
 * What a secret holds for hosts for which there is no token now, as far as it lives: where one region gives no token, what
 * was there of it goes on working until it ends.
 * @param nowMs by the wall clock.
 */
export function carriedFrom(
  existing: ExistingSecret,
  { missing, tokens }: PullSecret,
  nowMs: number,
): AuthorizationToken[] {
  if (missing.length === 0) return [];
  const noted = existing.managedByUs ? existing.expiresAtMs : undefined;
  const ours = Math.min(...tokens.map(({ expiresAtMs }) => expiresAtMs));
  return [...passwordsIn(existing.data, missing)].flatMap(([host, password]) => {
    // Of one of which nobody knows when it ends nothing is said.
    const expiresAtMs = endOf(password) ?? noted ?? ours;
    if (expiresAtMs <= nowMs) return [];
    return [{ hosts: [host], password, issuedAtMs: Math.min(existing.refreshedAtMs ?? nowMs, nowMs), expiresAtMs }];
  });
}

/** ECR's passwords say it, though nobody has to rely on that: base64 of JSON with `expiration`, in seconds. */
function endOf(password: string): number | undefined {
  try {
    const said: unknown = JSON.parse(Buffer.from(password, 'base64').toString('utf8'));
    return isRecord(said) && typeof said['expiration'] === 'number' ? said['expiration'] * 1000 : undefined;
  } catch {
    return undefined;
  }
}
