import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { isObject, objectAt, textAt } from './objects.ts';
import { serviceAccounts } from './resources.ts';
import type { User } from './rbac.ts';
import type { Store } from './store.ts';

const issuer = 'https://kubernetes.default.svc';

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

/** Issues the bearer tokens of service accounts, and knows them again. */
export class Tokens {
  readonly #key = randomBytes(32);
  readonly #store: Store;
  /** Checking a signature for each request would cost more than the request. */
  readonly #checked = new Map<string, { user: User; expiresAtMs: number; uid: string }>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** A token for an existing service account, valid for so many seconds. */
  issue(account: { namespace: string; name: string; uid: string }, seconds: number, audiences = [issuer]): string {
    const now = Math.floor(this.#store.nowMs() / 1000);
    const { namespace, name, uid } = account;
    const claims = {
      aud: audiences,
      exp: now + seconds,
      iat: now,
      iss: issuer,
      jti: randomUUID(),
      'kubernetes.io': { namespace, serviceaccount: { name, uid } },
      nbf: now,
      sub: `system:serviceaccount:${namespace}:${name}`,
    };
    const unsigned = `${encode({ alg: 'HS256', kid: 'emulator' })}.${encode(claims)}`;
    return `${unsigned}.${this.#sign(unsigned)}`;
  }

  #sign(unsigned: string): string {
    return createHmac('sha256', this.#key).update(unsigned).digest('base64url');
  }

  /** Who a token speaks for; undefined once it expired or its service account is gone. */
  authenticate(token: string): User | undefined {
    const known = this.#checked.get(token) ?? this.#check(token);
    if (known === undefined || known.expiresAtMs <= this.#store.nowMs()) return undefined;
    const [, , namespace = '', name = ''] = known.user.name.split(':');
    const account = this.#store.get(serviceAccounts, namespace, name);
    return account?.metadata.uid === known.uid ? known.user : undefined;
  }

  #check(token: string): { user: User; expiresAtMs: number; uid: string } | undefined {
    const [head, body, signature] = token.split('.');
    if (body === undefined || this.#sign(`${head}.${body}`) !== signature) return undefined;
    const claims: unknown = JSON.parse(Buffer.from(body, 'base64url').toString()); // signed here
    const scope = objectAt(claims, 'kubernetes.io');
    const name = textAt(claims, 'sub');
    const groups = [
      'system:serviceaccounts',
      `system:serviceaccounts:${textAt(scope, 'namespace')}`,
      'system:authenticated',
    ];
    const expires = isObject(claims) && typeof claims['exp'] === 'number' ? claims['exp'] : 0;
    const uid = textAt(objectAt(scope, 'serviceaccount'), 'uid');
    const result = { user: { name, groups, uid }, expiresAtMs: expires * 1000, uid };
    if (this.#checked.size > 10_000) this.#checked.clear();
    this.#checked.set(token, result);
    return result;
  }
}
