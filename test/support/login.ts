import { isRecord } from '../../src/core/api/reply.ts';

/** The password of a login of a docker config, whose user is AWS, as clients decode it; empty where there is none. Secret. */
export function passwordOf(login: unknown): string {
  const auth = isRecord(login) ? login['auth'] : undefined;
  const decoded = typeof auth === 'string' ? Buffer.from(auth, 'base64').toString('utf8') : '';
  return /^AWS:(.+)$/.exec(decoded)?.[1] ?? '';
}
