import { isRecord, text, whyNot, type ApiReply } from '../api/reply.ts';
import { foreignContents, loginHosts, type Foreign } from '../secret/docker-config.ts';
import { placed, unreadableInWords } from '../secret/outcome.ts';
import { dataKey, existingSecret, fieldManagers, pullSecretType, timestamp } from '../secret/pull-secret.ts';
import { couldNotLook, failed, finding, type Finding } from './finding.ts';
import type { SetCommand } from './installation.ts';
import { durationInWords, few } from '../text/words.ts';

/** Who else wrote a secret, from its managedFields. */
export type Writer = { manager: string; time: string; ownsData: boolean };

/** A pull secret without anything secret in it. */
export type SecretFact =
  | { kind: 'missing' }
  | { kind: 'unknown'; why: string }
  | {
      kind: 'present';
      type: string;
      immutable: boolean;
      managedByUs: boolean;
      expiresAtMs: number | undefined;
      /** Hosts that it holds a login for; absent where it cannot be read as a docker config. */
      hosts: readonly string[] | undefined;
      /** What in it is not for `expected`. */
      foreign: Foreign;
      writers: readonly Writer[];
    };

/** Reads the answer to a GET of a secret; what is secret in it goes no further. */
export function secretFact(reply: ApiReply, expected: readonly string[]): SecretFact {
  if (reply.kind === 'broken') return { kind: 'unknown', why: reply.message };
  if (reply.status === 404) return { kind: 'missing' };
  const secret = reply.status === 200 ? existingSecret(reply.body) : undefined;
  if (secret === undefined) return { kind: 'unknown', why: whyNot(reply) };
  const { type, immutable, managedByUs, expiresAtMs, data } = secret;
  const writers = writersOf(reply.body);
  // What this program alone wrote a run replaces, for whichever registries it was.
  const owners = writers.filter(({ ownsData }) => ownsData);
  const isOursAlone = owners.length > 0 && owners.every(({ manager }) => manager === fieldManagers.own);
  const foreign = foreignContents(data, expected);
  return {
    kind: 'present',
    type,
    immutable,
    managedByUs,
    expiresAtMs,
    hosts: loginHosts(data),
    // Without knowing what is ours, nothing can be called foreign.
    foreign: expected.length === 0 || (managedByUs && isOursAlone) ? { registries: [], settings: [] } : foreign,
    writers,
  };
}

function writersOf(body: unknown): Writer[] {
  const metadata = isRecord(body) && isRecord(body['metadata']) ? body['metadata'] : {};
  const entries = Array.isArray(metadata['managedFields']) ? metadata['managedFields'].filter(isRecord) : [];
  return entries.map((entry) => {
    const fields = isRecord(entry['fieldsV1']) ? entry['fieldsV1'] : {};
    const data = isRecord(fields['f:data']) ? fields['f:data'] : {};
    return {
      manager: text(entry['manager']),
      time: text(entry['time']),
      ownsData: Object.hasOwn(data, `f:${dataKey}`),
    };
  });
}

export type SecretPlace = {
  namespace: string;
  secretName: string;
  /** Hosts that it must hold a login for; empty: not known. */
  expected: readonly string[];
  onConflict: 'refuse' | 'merge' | 'overwrite';
  nowMs: number;
  /** How to have it written now. */
  run: string;
  /** How a setting is changed; absent: where doctor itself is run. */
  set?: SetCommand | undefined;
};

/** A token lives twelve hours and is renewed long before its last quarter. */
const expiringMs = 3 * 3_600_000;

/** The state of one namespace's pull secret: the worst that is true of it. */
export function findPullSecret(fact: SecretFact, place: SecretPlace): Finding[] {
  const { namespace, secretName, nowMs, run, expected } = place;
  const looked = `${namespace}/${secretName}`;
  const say = { looked, run };
  if (fact.kind === 'missing') return [finding('PullSecretMissing', { ...say, found: 'there is no such secret' })];
  if (fact.kind === 'unknown') {
    const hint = `kubectl -n ${namespace} get secret ${secretName}, as somebody who may.`;
    return [couldNotLook('secrets/state', looked, fact.why, hint)];
  }
  const refusal = refusedBy(fact, place);
  if (refusal !== undefined) return [refusal];
  const { expiresAtMs } = fact;
  if (fact.hosts === undefined || fact.hosts.length === 0) {
    return [finding('PullSecretUnreadable', { ...say, found: 'it holds no login that a client could use' })];
  }
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) {
    const found = `its token expired ${durationInWords(nowMs - expiresAtMs)} ago (${timestamp(expiresAtMs)})`;
    return [finding('PullSecretExpired', { ...say, found })];
  }
  const lacking = expected.filter((host) => !fact.hosts?.includes(host));
  if (lacking.length > 0) {
    return [finding('PullSecretLacksRegistry', { ...say, found: `it holds no login for ${few(lacking)}` })];
  }
  if (expiresAtMs !== undefined && expiresAtMs - nowMs < expiringMs) {
    const found = `its token expires in ${durationInWords(expiresAtMs - nowMs)} and should have been renewed by now`;
    return [finding('PullSecretExpiring', { ...say, found })];
  }
  return [judgeOrigin(fact, looked, nowMs)];
}

type Present = Extract<SecretFact, { kind: 'present' }>;

/** What a run would refuse to write over. */
function refusedBy({ type, immutable, foreign }: Present, place: SecretPlace): Finding | undefined {
  const { namespace, secretName, onConflict, set } = place;
  const where = { namespace, secretName };
  const check = 'secrets/state';
  if (type !== pullSecretType) {
    return failed(check, placed('SecretTypeDiffers', where, { why: `its type is ${type}` }));
  }
  if (immutable) return failed(check, placed('SecretImmutable', where, { why: 'it has immutable: true' }));
  if (foreign.tooMuch !== undefined && onConflict !== 'overwrite') {
    return failed(check, placed('SecretTooLarge', where, { why: foreign.tooMuch }));
  }
  if (foreign.unreadable !== undefined && onConflict !== 'overwrite') {
    return failed(check, placed('SecretUnreadable', where, { why: unreadableInWords(foreign.unreadable) }));
  }
  const others = [...foreign.registries, ...foreign.settings];
  if (others.length === 0 || onConflict !== 'refuse') return undefined;
  const refused = failed(check, placed('SecretHoldsOtherRegistries', where, { why: `it holds ${few(others)}` }));
  if (set === undefined) return refused;
  return { ...refused, fix: `${refused.fix} To keep it: ${set('ECR_ON_CONFLICT', 'merge')}` };
}

function judgeOrigin({ managedByUs, writers, expiresAtMs, foreign }: Present, looked: string, nowMs: number): Finding {
  const others = [...foreign.registries, ...foreign.settings];
  if (others.length > 0) return finding('PullSecretShared', { looked, found: `it also holds ${few(others)}` });
  if (!managedByUs) {
    const names = [...new Set(writers.map(({ manager }) => manager))];
    return finding('PullSecretOfOthers', { looked, found: `written by ${few(names) || 'somebody else'}` });
  }
  const left = expiresAtMs === undefined ? 'valid' : `expires in ${durationInWords(expiresAtMs - nowMs)}`;
  return finding('PullSecretValid', { looked, found: left });
}

/** Whether somebody else keeps writing a secret of ours. */
export function findWriters(fact: SecretFact, namespace: string, secretName: string): Finding[] {
  if (fact.kind !== 'present' || !fact.managedByUs) return [];
  const looked = `managedFields of ${namespace}/${secretName}`;
  const own: readonly string[] = Object.values(fieldManagers);
  const rivals = fact.writers.filter(({ manager, ownsData }) => ownsData && !own.includes(manager));
  if (rivals.length === 0) return [finding('SecretHasOneWriter', { looked, found: 'ecr-cred-helper alone' })];
  const written = rivals.map(({ manager, time }) => `${manager} wrote its data at ${time}`).join(', ');
  const found = `${written}, over what ecr-cred-helper had written`;
  return [finding('SecretHasOtherWriters', { looked, found, namespace, secret: secretName })];
}
