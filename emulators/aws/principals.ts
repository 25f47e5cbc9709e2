import { randomBytes } from 'node:crypto';

import { accessDenied, type AwsError } from './errors.ts';

/** Who may sign: a user's key, or a role's temporary one with its session token. */
export type Principal = {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiresAtMs?: number;
  account: string;
  arn: string;
  /** Actions as in IAM policies (`ecr:GetAuthorizationToken`, `ecr:*`, `*`). */
  allowed: readonly string[];
};

export type UserOptions = {
  accessKeyId: string;
  secretAccessKey: string;
  account: string;
  arn?: string;
  allowed?: readonly string[];
};

export type Role = { arn: string; allowed?: readonly string[]; trusts?: (subject: string) => boolean };

export type TemporaryCredentials = Principal & { sessionToken: string; expiresAtMs: number };

const MANY = 100_000;

/** The users, the roles, and the temporary credentials that were issued for them. */
export class Principals {
  readonly #byKey = new Map<string, Principal>();
  readonly #roles = new Map<string, Role>();

  addUser({ accessKeyId, secretAccessKey, account, arn, allowed = ['*'] }: UserOptions): Principal {
    const principal = {
      accessKeyId,
      secretAccessKey,
      account,
      arn: arn ?? `arn:aws:iam::${account}:user/ecr-cred-helper`,
      allowed,
    };
    this.#byKey.set(accessKeyId, principal);
    return principal;
  }

  removeUser(accessKeyId: string): void {
    this.#byKey.delete(accessKeyId);
  }

  addRole(role: Role): void {
    this.#roles.set(role.arn, role);
  }

  role(arn: string): Role | undefined {
    return this.#roles.get(arn);
  }

  find(accessKeyId: string): Principal | undefined {
    return this.#byKey.get(accessKeyId);
  }

  /** Issues temporary credentials for a role. */
  assume(role: Role, sessionName: string, expiresAtMs: number): TemporaryCredentials {
    const [, partition = 'aws', , , account = '', resource = ''] = role.arn.split(':');
    const roleName = resource.split('/').at(-1) ?? '';
    const issued = {
      accessKeyId: `ASIA${base32(16)}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: `IQoJb3JpZ2luX2Vj${randomBytes(480).toString('base64')}`,
      expiresAtMs,
      account,
      arn: `arn:${partition}:sts::${account}:assumed-role/${roleName}/${sessionName}`,
      allowed: role.allowed ?? ['*'],
    };
    if (this.#byKey.size >= MANY) throw new Error(`more than ${MANY} access keys were issued`);
    this.#byKey.set(issued.accessKeyId, issued);
    return issued;
  }
}

/** What refuses a principal an action, or nothing where one of its policies allows it. */
export function refusal(principal: Principal, action: string, resource = '*'): AwsError | undefined {
  const [service = ''] = action.split(':');
  const allowed = principal.allowed.some((entry) => entry === '*' || entry === `${service}:*` || entry === action);
  return allowed ? undefined : accessDenied(principal.arn, action, resource);
}

function base32(length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join('');
}
