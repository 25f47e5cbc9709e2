import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { parseRetryAfter } from '../../src/adapters/kubernetes/answer.ts';
import { kubeconfigConnection } from '../../src/adapters/kubernetes/kubeconfig/kubeconfig.ts';
import { judgePage, listFailure, namespaceOf } from '../../src/core/api/pages.ts';
import { apiStatus, isRecord, type ApiReply } from '../../src/core/api/reply.ts';
import { retryDelayMs } from '../../src/core/api/retry.ts';
import { leaseOf } from '../../src/core/controller/lease.ts';
import { factsIn, judgeEvent, judgeRefusedWatch } from '../../src/core/controller/watch-events.ts';
import { longestGapMs } from '../../src/core/doctor/cron-schedule.ts';
import { secretFact } from '../../src/core/doctor/pull-secrets.ts';
import { awsFailure } from '../../src/core/failures/aws-failures.ts';
import { failureTable } from '../../src/core/failures/failure-table.ts';
import { bareHost, foreignContents, mergedConfig } from '../../src/core/secret/docker-config.ts';
import { judgeLeftover } from '../../src/core/secret/leftover.ts';
import { judgeApply, judgeExisting } from '../../src/core/secret/outcome.ts';
import { pullSecret } from '../../src/core/secret/pull-secret.ts';
import { parseRegistries, parseRegistryHost } from '../../src/core/secret/registry-host.ts';
import { tokenFromReply } from '../../src/core/secret/token.ts';
import { parseBounded } from '../../src/core/text/bounded-json.ts';
import { quietHost } from '../support/child-host.ts';
import { httpAnswers } from './http-answers.ts';
import { parser, type Parser } from './parser.ts';

const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const token = { hosts: [host], password: 'p', issuedAtMs: 0, expiresAtMs: 43_200_000 };
const now = { wallMs: 0, steadyMs: 0 };
const secret = pullSecret('ecr-creds', [token], now);
const place = { namespace: 'team', secretName: 'ecr-creds' };

const oddKeys = fc.constantFrom(
  'auths',
  'auth',
  '__proto__',
  'constructor',
  'toString',
  'credHelpers',
  host,
  `https://${host}/v2/`,
  '',
);
const keys = fc.oneof(oddKeys, fc.string({ unit: 'grapheme', maxLength: 12 }));
const { value: anyJson } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, false, 0, -1, 1e308, '', 'x', host),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(keys, tie('value')), { maxLength: 5 }).map((entries) => {
      // As JSON.parse makes it: with a key of any name.
      return JSON.parse(
        `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`,
      );
    }),
  ),
}));
const encoded = (text: string) => Buffer.from(text).toString('base64');

const dockerConfig = parser(
  'docker configs of others: nothing of theirs is lost, and ours stands in them',
  fc.record({ config: anyJson, auths: anyJson }),
  [{ config: JSON.parse('{"__proto__":{"a":1}}'), auths: JSON.parse('{"__proto__":{"auth":"x"}}') }],
  ({ config, auths }) => {
    const whole = isRecord(config) ? { ...config, auths } : config;
    const data = encoded(JSON.stringify(whole));
    const merged = mergedConfig(data, [token]);
    const logins = Object.entries(merged['auths'] as object);
    const theirs = isRecord(whole) ? whole : {};
    const before = Object.entries(isRecord(theirs['auths']) ? theirs['auths'] : {});
    const foreign = before.filter(([key]) => bareHost(key) !== host);
    assert.deepEqual(
      logins.filter(([key]) => key !== host),
      JSON.parse(JSON.stringify(foreign)),
    );
    assert.equal(logins.find(([key]) => key === host)?.[1].auth, encoded('AWS:p'));
    const others = (of: object) => Object.entries(of).filter(([key]) => key !== 'auths');
    assert.deepEqual(others(merged), JSON.parse(JSON.stringify(others(theirs))));
    assert.deepEqual(
      foreignContents(data, [host]).registries,
      foreign.map(([key]) => key),
    );
  },
);

const boundedJson = parser(
  'JSON within its bounds is what JSON.parse makes of it, and beyond them is never parsed',
  fc.record({ value: anyJson, depth: fc.integer({ min: 1, max: 8 }), values: fc.integer({ min: 1, max: 40 }) }),
  [],
  ({ value, depth, values }) => {
    const text = JSON.stringify(value);
    const parsed = parseBounded(text, { depth, values });
    const isBeyond = depthOf(value) > depth || valuesOf(value) > values;
    assert.equal(parsed.kind, isBeyond ? 'tooMuch' : 'json');
    if (parsed.kind === 'json') assert.deepEqual(parsed.value, JSON.parse(text));
  },
);

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** As they are counted: one for each bracket and each comma, and one. */
function valuesOf(value: unknown): number {
  const inner = (of: unknown): number => {
    if (typeof of !== 'object' || of === null) return 0;
    const parts = Object.values(of);
    return 1 + Math.max(0, parts.length - 1) + parts.reduce((sum: number, part) => sum + inner(part), 0);
  };
  return 1 + inner(value);
}

const suffixOf = {
  'eu-west-1': 'amazonaws.com',
  'us-gov-west-1': 'amazonaws.com',
  'cn-north-1': 'amazonaws.com.cn',
  'eusc-de-east-1': 'amazonaws.eu',
  'us-iso-east-1': 'c2s.ic.gov',
} as const;
const regions = fc.constantFrom(...(Object.keys(suffixOf) as (keyof typeof suffixOf)[])); // its own keys

const registryHosts = parser(
  'registry hosts: each of the right form is read, and with anything before, behind or in it is none',
  fc.record({
    account: fc.stringMatching(/^\d{12}$/),
    region: regions,
    fips: fc.boolean(),
    spoil: fc.constantFrom('', '.', 'x', '/', ':443', '@', ' ', '\n', '.evil.example', '%00'),
    at: fc.constantFrom('before', 'behind', 'inside'),
  }),
  [],
  ({ account, region, fips, spoil, at }) => {
    const good = `${account}.dkr.ecr${fips ? '-fips' : ''}.${region}.${suffixOf[region]}`;
    const found = parseRegistryHost(good);
    assert.deepEqual([found?.account, found?.region, found?.fips, found?.dualStack], [account, region, fips, false]);
    if (spoil === '') return;
    const [head, tail] = [good.slice(0, 14), good.slice(14)];
    const spoilt = { before: spoil + good, behind: good + spoil, inside: head + spoil + tail }[at];
    assert.equal(parseRegistryHost(spoilt), undefined, spoilt);
  },
);

const registryLists = parser(
  'lists of registries: whatever is written there is a registry or refused by name, and no password comes back',
  fc.array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom(host, `https://AWS:hunter2@${host}/`, `${host}/`),
    ),
    {
      maxLength: 5,
    },
  ),
  [],
  (entries) => {
    const read = parseRegistries(entries.join(','));
    for (const entry of read) {
      if (entry.kind === 'registry') assert.ok(parseRegistryHost(entry.registry.host) !== undefined);
      else assert.ok(!`${entry.entry} ${entry.why}`.includes('hunter2'), JSON.stringify(entry));
    }
    assert.equal(read.length <= entries.join(',').split(',').length, true);
  },
);

const day = 86_400_000;
const retryAfter = parser(
  'Retry-After: seconds, a date, or nothing; and no wait is longer than a minute and ten seconds, or below nothing',
  fc.record({
    header: fc.oneof(
      fc.nat().map(String),
      fc
        .date({ min: new Date(0), max: new Date(100 * 365 * day), noInvalidDate: true })
        .map((date) => date.toUTCString()),
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom('-1', '1e9', '0x10', '99999999999999999999', 'Infinity', 'NaN', ' 5', '5 ', ''),
    ),
    nowMs: fc.nat({ max: 60 * 365 * day }),
    attempt: fc.integer({ min: 1, max: 10 }),
    chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  }),
  [],
  ({ header, nowMs, attempt, chance }) => {
    const askedMs = parseRetryAfter(header, nowMs);
    if (/^\d{1,9}$/.test(header)) assert.equal(askedMs, Number(header) * 1000);
    assert.ok(askedMs === undefined || (Number.isFinite(askedMs) && askedMs >= 0), `${askedMs}`);
    const delayMs = retryDelayMs(attempt, askedMs, chance);
    assert.ok(delayMs >= 0 && delayMs <= 70_000, `${delayMs}`);
  },
);

const statuses = fc.oneof(
  fc.constantFrom(200, 201, 400, 401, 403, 404, 409, 410, 422, 429, 500, 503),
  fc.integer({ min: 100, max: 999 }),
);
const bodies = fc.oneof(
  anyJson,
  fc.record(
    {
      kind: anyJson,
      metadata: anyJson,
      items: anyJson,
      message: anyJson,
      reason: anyJson,
      details: anyJson,
      spec: anyJson,
      type: anyJson,
      data: anyJson,
    },
    { requiredKeys: [] },
  ),
);
const replies = fc
  .record({ status: statuses, body: bodies })
  .map(({ status, body }): ApiReply => ({ kind: 'answer', status, body }));

const apiReplies = parser(
  'replies of the API server: each is judged, and none without a revision is a success',
  replies,
  [],
  (reply) => {
    if (reply.kind === 'broken') return;
    const metadata = isRecord(reply.body) && isRecord(reply.body['metadata']) ? reply.body['metadata'] : {};
    const hasRevision = typeof metadata['resourceVersion'] === 'string' && metadata['resourceVersion'] !== '';
    const [step, outcome] = judgeApply(reply, { place, dryRun: false, takeover: undefined, looks: 0 });
    if (step === 'settle' && outcome[0] === 'applied')
      assert.ok(hasRevision && reply.status >= 200 && reply.status < 300);
    const [look] = judgeExisting(reply, place, secret, 'merge', now);
    if (look === 'takeOver') assert.ok(hasRevision && reply.status === 200);
    const [left] = judgeLeftover(reply);
    if (left === 'delete') assert.ok(hasRevision && reply.status === 200);
    const lease = leaseOf(reply);
    if (lease.ok)
      assert.ok(hasRevision && lease.record.resourceVersion !== '' && Number.isFinite(lease.record.durationMs));
    judgePage(reply, { itemOf: namespaceOf, failure: (each) => listFailure(each, 'https://api') });
    judgeRefusedWatch(reply);
    secretFact(reply, [host]);
    assert.ok(apiStatus(reply.body).message.length <= 8192);
  },
);

const watchEvents = parser(
  'events of a watch: each is judged, and what is put has a name',
  fc.oneof(
    anyJson,
    fc.record({
      type: fc.oneof(anyJson, fc.constantFrom('ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR')),
      object: bodies,
    }),
  ),
  [],
  (event) => {
    const step = judgeEvent(event);
    if (step[0] === 'put' || step[0] === 'gone') {
      assert.ok(step[1].name !== '' && step[1].name.isWellFormed());
      assert.ok(step[1].registries.every((each) => typeof each === 'string'));
    }
    if (isRecord(event)) factsIn(event);
  },
);

const awsErrors = parser(
  'errors of AWS: each has a code of the table, and ends a pass with 3, or 2 where a setting is wrong',
  fc.record({
    name: fc.oneof(
      fc.constantFrom('constructor', '__proto__', 'toString', 'hasOwnProperty', ''),
      fc.string({ unit: 'binary', maxLength: 40 }),
    ),
    message: fc.string({ unit: 'binary', maxLength: 200 }),
    causeCode: fc.option(
      fc.oneof(fc.constantFrom('constructor', '__proto__', 'ENOTFOUND'), fc.string({ maxLength: 12 })),
      { nil: undefined },
    ),
    status: fc.option(fc.integer({ min: 0, max: 999 }), { nil: undefined }),
    service: fc.constantFrom('ecr' as const, 'sts' as const, 'credentials' as const),
  }),
  [],
  ({ causeCode, status, ...error }) => {
    const facts = { ...(causeCode === undefined ? {} : { causeCode }), ...(status === undefined ? {} : { status }) };
    const request = { region: 'eu-west-1', registries: [], fips: false, dualStack: false };
    const { code, what, fix } = awsFailure({ kind: 'error', ...error, ...facts }, request);
    assert.ok(Object.hasOwn(failureTable, code), code);
    assert.ok([2, 3].includes(failureTable[code].exit), code);
    assert.ok(what !== '' && fix !== '' && !/\{\w+\}/.test(fix), fix);
  },
);

const tokens = parser(
  'tokens of ECR: what is taken is printable, lives, and for no longer than tokens do',
  fc.record({
    authorizationToken: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: 'binary', maxLength: 40 }).map((text) => encoded(`AWS:${text}`)),
    ),
    expiresAtMs: fc.oneof(fc.double(), fc.integer({ min: -1, max: 10 * day })),
    proxyEndpoint: fc.oneof(
      fc.constantFrom(`https://${host}`, 'https://index.docker.io'),
      fc.string({ maxLength: 30 }),
    ),
  }),
  [],
  (reply) => {
    const request = { region: 'eu-west-1', registries: [], fips: false, dualStack: false };
    const judged = tokenFromReply({ kind: 'answer', ...reply, host: 'api.ecr.eu-west-1.amazonaws.com' }, request, 0);
    if (!judged.ok) return;
    const { password, expiresAtMs, hosts } = judged.value;
    assert.match(password, /^[!-~]+$/);
    assert.ok(expiresAtMs > 0 && expiresAtMs <= 1.5 * day, `${expiresAtMs}`);
    assert.deepEqual(hosts, [host]);
  },
);

const fields = (least: number, most: number) =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min: 1, max: most }).map((step) => `*/${step}`),
    fc.uniqueArray(fc.integer({ min: least, max: most }), { minLength: 1, maxLength: 3 }).map((list) => list.join(',')),
    fc
      .tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most }))
      .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
  );

const cron = parser(
  'schedules of minutes, hours and weekdays: the longest gap is what counting minute by minute finds; anything else is no crash',
  fc.record({
    minute: fields(0, 59),
    hour: fields(0, 23),
    weekday: fields(0, 6),
    odd: fc.string({ unit: 'binary', maxLength: 30 }),
  }),
  [],
  ({ minute, hour, weekday, odd }) => {
    assert.equal(longestGapMs(`${minute} ${hour} * * ${weekday}`, undefined, 0), countedGapMs(minute, hour, weekday));
    const gapMs = longestGapMs(odd, undefined, 0);
    assert.ok(gapMs === undefined || gapMs > 0);
  },
);

/** Minute by minute, through two weeks. */
function countedGapMs(minute: string, hour: string, weekday: string): number | undefined {
  const isIn = (field: string, value: number, least: number): boolean =>
    field.split(',').some((part) => {
      if (part === '*') return true;
      if (part.startsWith('*/')) return (value - least) % Number(part.slice(2)) === 0;
      const [from = 0, to = from] = part.split('-').map(Number);
      return value >= from && value <= to;
    });
  let last: number | undefined;
  let most = 0;
  for (let at = 0; at < 15 * 24 * 60; at += 1) {
    const isRun =
      isIn(minute, at % 60, 0) &&
      isIn(hour, Math.floor(at / 60) % 24, 0) &&
      isIn(weekday, Math.floor(at / 1440) % 7, 0);
    if (!isRun) continue;
    if (last !== undefined) most = Math.max(most, at - last);
    last = at;
  }
  return most === 0 ? undefined : most * 60_000;
}

let directory: string | undefined;
const yamlScalars = fc.constantFrom(
  'c',
  'u',
  '""',
  'null',
  '[]',
  '{}',
  'https://10.0.0.1',
  'http://x y',
  '!!binary x',
  '&a [*a]',
  '*a',
  '|',
  '0x1f',
  '"\\ud800"',
);
const kubeconfigs = parser(
  'kubeconfigs: whatever stands in one is a connection or refused by name',
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    anyJson.map((value) => JSON.stringify(value)),
    fc
      .record({ current: yamlScalars, context: yamlScalars, server: yamlScalars, token: yamlScalars, ca: yamlScalars })
      .map(
        ({ current, context, server, token: given, ca }) => `current-context: ${current}
contexts: [{name: c, context: {cluster: ${context}, user: u}}]
clusters: [{name: c, cluster: {server: ${server}, certificate-authority-data: ${ca}}}]
users: [{name: u, user: {token: ${given}}}]
`,
      ),
  ),
  [],
  async (text) => {
    directory ??= mkdtempSync(join(tmpdir(), 'ecr-cred-helper-fuzz-'));
    const path = join(directory, 'config');
    writeFileSync(path, text);
    const found = await kubeconfigConnection(path, { ...quietHost, env: {}, nowMs: () => 0, learn: () => {} });
    if (!found.ok)
      assert.ok(['KubeconfigInvalid', 'ProxyInvalid', 'CertificatesUnreadable'].includes(found.failure.code));
  },
);

export const parsers: readonly Parser[] = [
  dockerConfig,
  boundedJson,
  registryHosts,
  registryLists,
  retryAfter,
  apiReplies,
  watchEvents,
  awsErrors,
  tokens,
  cron,
  kubeconfigs,
  httpAnswers,
];
