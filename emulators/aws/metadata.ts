import { randomBytes } from 'node:crypto';

import type { ServiceName } from './faults.ts';
import { header, type Reply, type Request } from './http.ts';
import type { Principals } from './principals.ts';

/** Where a workload gets credentials without any key: Pod Identity's agent, and the instance metadata service. */
export type Metadata = {
  /** What the Pod Identity agent demands in `Authorization`: the content of the workload's token file. */
  podIdentityToken: string;
  /** The role that both hand out, with the reach that it has at that time. */
  roleArn: string;
  /** What is answered as the instance's region. */
  region: string;
};

type Route = { service: ServiceName; action: string; answer: () => Reply };

const LIFE_MS = 6 * 60 * 60_000;
const SECURITY_CREDENTIALS = '/latest/meta-data/iam/security-credentials/';

/** Serves `/v1/credentials` and IMDSv2 (`/latest/…`), whose session tokens live as long as their request asks. */
export class MetadataEndpoints {
  readonly #principals: Principals;
  readonly #metadata: Metadata;
  readonly #now: () => number;
  readonly #sessions = new Map<string, number>();

  constructor(principals: Principals, metadata: Metadata, now: () => number) {
    this.#principals = principals;
    this.#metadata = metadata;
    this.#now = now;
  }

  /** The route for a request, or nothing where its path belongs to the other services. */
  route(request: Request): Route | undefined {
    if (request.path === '/v1/credentials') {
      return {
        service: 'container-credentials',
        action: 'GetCredentials',
        answer: () => this.#containerCredentials(request),
      };
    }
    if (request.path === '/latest/api/token') {
      return { service: 'imds', action: 'GetToken', answer: () => this.#session(request) };
    }
    if (request.path.startsWith('/latest/')) {
      return { service: 'imds', action: 'GetMetadata', answer: () => this.#instance(request) };
    }
    return undefined;
  }

  #containerCredentials(request: Request): Reply {
    if (header(request, 'authorization') !== this.#metadata.podIdentityToken) {
      return text(401, 'Unauthorized: service account token is missing or invalid');
    }
    const issued = this.#issue('eks-pod');
    return json({
      AccessKeyId: issued.accessKeyId,
      SecretAccessKey: issued.secretAccessKey,
      Token: issued.sessionToken,
      AccountId: issued.account,
      Expiration: instant(issued.expiresAtMs),
    });
  }

  #session(request: Request): Reply {
    const seconds = Number(header(request, 'x-aws-ec2-metadata-token-ttl-seconds') ?? 'NaN');
    if (request.method !== 'PUT') return text(405, 'Method Not Allowed');
    if (!(seconds >= 1 && seconds <= 21_600)) return text(400, 'Bad Request');
    const token = randomBytes(40).toString('base64url');
    this.#sessions.set(token, this.#now() + seconds * 1000);
    return { ...text(200, token), headers: { 'x-aws-ec2-metadata-token-ttl-seconds': String(seconds) } };
  }

  #instance(request: Request): Reply {
    const expiresAtMs = this.#sessions.get(header(request, 'x-aws-ec2-metadata-token') ?? '') ?? 0;
    if (expiresAtMs <= this.#now()) return text(401, 'Unauthorized');
    const { roleArn, region } = this.#metadata;
    const name = roleArn.split('/').at(-1) ?? '';
    if (request.path === SECURITY_CREDENTIALS) return text(200, name);
    if (request.path === `${SECURITY_CREDENTIALS}${name}`) return json(this.#instanceCredentials());
    if (request.path === '/latest/meta-data/placement/region') return text(200, region);
    if (request.path === '/latest/dynamic/instance-identity/document') {
      return json({ region, accountId: roleArn.split(':')[4] });
    }
    return text(404, 'Not Found');
  }

  #instanceCredentials(): unknown {
    const issued = this.#issue('i-0123456789abcdef0');
    return {
      Code: 'Success',
      LastUpdated: instant(this.#now()),
      Type: 'AWS-HMAC',
      AccessKeyId: issued.accessKeyId,
      SecretAccessKey: issued.secretAccessKey,
      Token: issued.sessionToken,
      Expiration: instant(issued.expiresAtMs),
    };
  }

  #issue(sessionName: string) {
    const { roleArn } = this.#metadata;
    const role = this.#principals.role(roleArn) ?? { arn: roleArn, allowed: [] };
    return this.#principals.assume(role, sessionName, this.#now() + LIFE_MS);
  }
}

function instant(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

function json(body: unknown): Reply {
  return { status: 200, contentType: 'application/json', body: JSON.stringify(body) };
}

function text(status: number, body: string): Reply {
  return { status, contentType: 'text/plain', body };
}
