import { randomBytes } from 'node:crypto';

/** An authorization token as ECR issued it. `account` is the registry's; ECR Public has none of its own. */
export type IssuedToken = { account: string; region: string; password: string; expiresAtMs: number; revoked: boolean };

const LIFE_MS = 12 * 60 * 60_000;
const KEPT = 10_000;

/** The tokens that were issued, of which the newest 10,000 are known. */
export class Tokens {
  readonly issued: IssuedToken[] = [];
  /** How long a token lives that is issued from now on. */
  lifeMs: number;

  constructor(lifeMs: number = LIFE_MS) {
    this.lifeMs = lifeMs;
  }

  issue(account: string, region: string, nowMs: number): IssuedToken {
    const expiresAtMs = nowMs + this.lifeMs;
    const token = { account, region, password: makePassword(expiresAtMs), expiresAtMs, revoked: false };
    this.issued.push(token);
    if (this.issued.length > KEPT) this.issued.shift();
    return token;
  }

  find(password: string): IssuedToken | undefined {
    return this.issued.find((token) => token.password === password);
  }

  isValid(password: string, nowMs: number): boolean {
    const token = this.find(password);
    return token !== undefined && !token.revoked && token.expiresAtMs > nowMs;
  }

  /** Makes every token that was issued so far invalid, before its time. */
  revokeAll(): void {
    for (const token of this.issued) token.revoked = true;
  }
}

/** The form in which ECR gives a password out: base64 of `AWS:<password>`. */
export function authorizationToken(password: string): string {
  return Buffer.from(`AWS:${password}`).toString('base64');
}

// ECR's password is an encrypted payload with its data key, as JSON, in base64.
function makePassword(expiresAtMs: number): string {
  const dataKeyHeader = Buffer.from('0101007860', 'hex');
  const password = {
    payload: randomBytes(768).toString('base64'),
    datakey: Buffer.concat([dataKeyHeader, randomBytes(179)]).toString('base64'),
    version: '2',
    type: 'DATA_KEY',
    expiration: Math.floor(expiresAtMs / 1000),
  };
  return Buffer.from(JSON.stringify(password)).toString('base64');
}
