import { registryHost } from './ecr.ts';
import type { Reply } from './http.ts';
import { authorizationToken } from './tokens.ts';

/** What a nonsense answer is made of. */
export type NonsenseInput = { account: string; region: string; nowMs: number };

const JSON_1_1 = 'application/x-amz-json-1.1';
const DAY_MS = 24 * 60 * 60_000;

// Answers that a broken proxy, a captive portal or a broken service could give with status 200.
const NONSENSE = {
  emptyAuthorizationData: () => json({ authorizationData: [] }),
  nullAuthorizationData: () => json({ authorizationData: null }),
  emptyObject: () => json({}),
  emptyBody: () => text(''),
  tokenNotBase64: (input: NonsenseInput) => entry(input, { authorizationToken: '%%% not base64 %%%' }),
  tokenNotAws: (input: NonsenseInput) => entry(input, { authorizationToken: base64('root:hunter2') }),
  tokenWithoutPassword: (input: NonsenseInput) => entry(input, { authorizationToken: base64('AWS:') }),
  tokenWithoutColon: (input: NonsenseInput) => entry(input, { authorizationToken: base64('AWS') }),
  emptyToken: (input: NonsenseInput) => entry(input, { authorizationToken: '' }),
  missingToken: (input: NonsenseInput) => entry(input, { authorizationToken: undefined }),
  expired: (input: NonsenseInput) => entry(input, { expiresAt: (input.nowMs - DAY_MS) / 1000 }),
  missingExpiresAt: (input: NonsenseInput) => entry(input, { expiresAt: undefined }),
  expiresAtNotANumber: (input: NonsenseInput) => entry(input, { expiresAt: 'tomorrow' }),
  missingProxyEndpoint: (input: NonsenseInput) => entry(input, { proxyEndpoint: undefined }),
  html: () =>
    text('<html><head><title>Sign in</title></head><body>Please sign in to this network.</body></html>', 'text/html'),
  truncatedJson: (input: NonsenseInput) => {
    const { body, ...rest } = entry(input, {});
    return { ...rest, body: body.slice(0, body.length / 2) };
  },
} satisfies Record<string, (input: NonsenseInput) => Reply>;

export type NonsenseName = keyof typeof NONSENSE;

/** Every name that `effect: { nonsense }` takes. */
export const NONSENSE_NAMES = Object.keys(NONSENSE) as readonly NonsenseName[]; // keys of a literal

/** An answer with status 200 that is no answer. */
export function nonsense(name: NonsenseName, input: NonsenseInput): Reply {
  return NONSENSE[name](input);
}

function entry({ account, region, nowMs }: NonsenseInput, change: Record<string, unknown>): Reply {
  const right = {
    authorizationToken: authorizationToken('c29tZS1wYXNzd29yZA=='),
    expiresAt: (nowMs + DAY_MS / 2) / 1000,
    proxyEndpoint: `https://${registryHost(account, region)}`,
  };
  return json({ authorizationData: [{ ...right, ...change }] });
}

function json(body: unknown): Reply {
  return text(JSON.stringify(body), JSON_1_1);
}

function text(body: string, contentType = JSON_1_1): Reply {
  return { status: 200, contentType, body };
}

function base64(plain: string): string {
  return Buffer.from(plain).toString('base64');
}
