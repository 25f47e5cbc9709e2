import type { AwsReply } from '../../../src/core/secret/token.ts';
import type { TokenSource } from '../../../src/ports.ts';
import type { Dice } from '../dice.ts';
import { epochMs, planFor, type Life, type VirtualTime } from '../virtual-time.ts';
import { passwordOf } from '../../support/login.ts';

export const registryHost = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

/** How ECR is just now. `hang` answers with a time-out; `nonsense` with something that is no token; `short` with tokens that live for an hour. */
export type EcrMood = 'well' | 'down' | 'hang' | 'nonsense' | 'denied' | 'throttling' | 'short';

/** Issues tokens and knows when each expires by the true time, in milliseconds since the epoch. */
export class Ecr {
  mood: EcrMood = 'well';
  calls = 0;
  readonly lifeMs: number;
  /** Says so much more than it keeps: for seeing that the simulation notices. */
  liesByMs = 0;
  readonly #time: VirtualTime;
  readonly #tokens = new Map<string, { issuedMs: number; expiresAtMs: number }>();

  constructor(time: VirtualTime, lifeMs: number) {
    this.#time = time;
    this.lifeMs = lifeMs;
  }

  issue(): { authorizationToken: string; password: string; expiresAtMs: number } {
    const password = `token-${this.#tokens.size}`;
    const lifeMs = this.mood === 'short' ? Math.min(this.lifeMs, 3_600_000) : this.lifeMs;
    const expiresAtMs = epochMs + Math.floor(this.#time.nowMs()) + lifeMs;
    this.#tokens.set(password, { issuedMs: this.#time.nowMs(), expiresAtMs });
    const authorizationToken = Buffer.from(`AWS:${password}`).toString('base64');
    return { authorizationToken, password, expiresAtMs: expiresAtMs + this.liesByMs };
  }

  /** When the token expires that a docker config (base64) holds for the registry; undefined where it holds none. */
  expiryOf(config: string): number | undefined {
    return this.tokenOf(config)?.expiresAtMs;
  }

  /** The token that it holds, and when it was issued by the world's own time. */
  tokenOf(config: string): { issuedMs: number; expiresAtMs: number } | undefined {
    try {
      const parsed = JSON.parse(Buffer.from(config, 'base64').toString('utf8')) as {
        auths?: Record<string, { auth?: string }>;
      };
      return this.#tokens.get(passwordOf(parsed.auths?.[registryHost]));
    } catch {
      return undefined;
    }
  }

  /** ECR as one replica reaches it. */
  source(dice: Dice, life: Life): TokenSource {
    return {
      issue: (_, signal) =>
        new Promise((resolve) => {
          this.calls += 1;
          let isOver = false;
          const finish = (reply: AwsReply) => {
            if (isOver) return;
            isOver = true;
            resolve(reply);
          };
          signal.addEventListener('abort', () => finish(failed('AbortError')), { once: true });
          const { mood } = this;
          planFor(this.#time, life, mood === 'hang' ? 45_000 : dice.between(20, 300), () => finish(this.#reply(mood)));
        }),
    };
  }

  #reply(mood: EcrMood): AwsReply {
    if (mood === 'hang') return failed('TimeoutError');
    if (mood === 'down') return failed('ServerException');
    if (mood === 'throttling') return failed('ThrottlingException');
    if (mood === 'denied') return failed('AccessDeniedException');
    if (mood === 'nonsense') {
      return { kind: 'answer', authorizationToken: '', expiresAtMs: undefined, proxyEndpoint: undefined };
    }
    const { authorizationToken, expiresAtMs } = this.issue();
    return { kind: 'answer', authorizationToken, expiresAtMs, proxyEndpoint: `https://${registryHost}` };
  }
}

function failed(name: string): AwsReply {
  return { kind: 'error', name, message: name, service: 'ecr', ...(name === 'TimeoutError' ? {} : { status: 500 }) };
}
