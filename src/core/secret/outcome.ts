import type { Moment } from '../api/machine.ts';
import {
  apiStatus,
  isDone,
  whyNot,
  writtenRevision,
  type ApiAnswer,
  type ApiReply,
  type ApiStatus,
} from '../api/reply.ts';
import { foreignContents, isNothing, type Foreign } from './docker-config.ts';
import { shortened } from '../text/shortened.ts';
import { failure, type Failure, type FailureCode } from '../failures/errors.ts';
import { isNewer } from './newer.ts';
import { carriedFrom } from './carried.ts';
import { existingSecret, pullSecretType, type ExistingSecret, type PullSecret, type TakenOver } from './pull-secret.ts';
import type { AuthorizationToken } from './token.ts';
import { isTooLarge, isTransient } from '../api/retry.ts';

/** How one namespace ended up. */
export type Outcome =
  | ['applied', 'SecretCreated' | 'SecretRefreshed']
  | ['unchanged', 'SecretUpToDate' | 'SecretIsNewer']
  | ['adopted', 'SecretAdopted' | 'SecretMerged' | 'SecretOverwritten']
  | ['skipped', 'NamespaceGone' | 'NamespaceTerminating']
  | ['refused' | 'failed', Failure]
  | ['notDone', 'Interrupted' | 'DeadlinePassed'];

/** What an apply's answer leads to. */
export type ApplyStep =
  | ['settle', Outcome]
  /** Not now; it may go better later. */
  | ['retry', Failure]
  /** Another manager owns what we want to write: look before deciding. */
  | ['read', 'FieldsOwnedByOthers'];

/** What a look at the existing secret leads to. */
export type LookStep = ['settle', Outcome] | ['retry', Failure] | ['takeOver', Takeover] | ['apply', 'SecretGone'];

/** Write over what others own, on the condition that it is still `existing`. */
export type Takeover = TakenOver & {
  outcome: ['adopted', 'SecretAdopted' | 'SecretMerged' | 'SecretOverwritten'] | ['applied', 'SecretRefreshed'];
};

/** Looks at one secret in one pass; more means that somebody keeps changing it. */
const maxLooks = 3;

/** Where a step is taken. */
export type Place = { namespace: string; secretName: string };

/** An apply, as far as its answer is judged by it. */
export type Applied = {
  place: Place;
  dryRun: boolean;
  /** The takeover that it carried out; absent for a plain apply. */
  takeover: Takeover | undefined;
  /** How often the secret was read because others own it. */
  looks: number;
};

/** What an apply's answer means for its namespace. */
export function judgeApply(reply: ApiReply, { place, dryRun, takeover, looks }: Applied): ApplyStep {
  if (isTransient(reply)) return ['retry', unserved(reply, place)];
  if (reply.kind === 'broken') return ['settle', ['failed', unserved(reply, place)]];
  // What would be created in a dry run has no revision.
  const isApplied = dryRun ? isDone(reply) : writtenRevision(reply) !== undefined;
  if (reply.status < 300 && !isApplied) return ['settle', ['failed', unserved(reply, place)]];
  if (reply.status === 201) return ['settle', ['applied', 'SecretCreated']];
  if (reply.status === 200) return ['settle', takeover?.outcome ?? ['applied', 'SecretRefreshed']];
  if (reply.status === 409) return judgeConflict(reply, place, looks);
  return judgeRefusal(reply, place);
}

/** What the existing secret means for taking it over. */
export function judgeExisting(
  reply: ApiReply,
  place: Place,
  secret: PullSecret,
  onConflict: 'refuse' | 'merge' | 'overwrite',
  now: Moment,
): LookStep {
  if (isTransient(reply)) return ['retry', unserved(reply, place)];
  if (isTooLarge(reply)) return refuse('SecretTooLarge', place, whyNot(reply));
  if (reply.kind === 'broken') return ['settle', ['failed', unserved(reply, place)]];
  if (reply.status === 404) return ['apply', 'SecretGone'];
  if (reply.status !== 200) return judgeRefusal(reply, place);
  const existing = existingSecret(reply.body);
  if (existing === undefined || existing.type === '')
    return fail('NamespaceUnserved', place, { why: 'the API server answered without a Secret' });
  if (existing.type !== pullSecretType) return refuse('SecretTypeDiffers', place, `its type is ${existing.type}`);
  if (existing.immutable) return refuse('SecretImmutable', place, 'it has immutable: true');
  if (isNewer(existing, secret, now)) return ['settle', ['unchanged', 'SecretIsNewer']];
  return judgeContents(existing, place, secret, onConflict, carriedFrom(existing, secret, now.wallMs));
}

function judgeContents(
  existing: ExistingSecret,
  place: Place,
  secret: PullSecret,
  onConflict: 'refuse' | 'merge' | 'overwrite',
  carried: readonly AuthorizationToken[],
): LookStep {
  const foreign = foreignContents(existing.data, [...secret.hosts, ...secret.missing]);
  if (isNothing(foreign)) {
    // Nobody else has to own it for us to look: something of it may have to be kept.
    const isOurs = secret.missing.length > 0 && existing.managedByUs;
    const outcome: Takeover['outcome'] = isOurs ? ['applied', 'SecretRefreshed'] : ['adopted', 'SecretAdopted'];
    return ['takeOver', { existing, merge: false, carried, outcome }];
  }
  if (onConflict === 'overwrite')
    return ['takeOver', { existing, merge: false, carried, outcome: ['adopted', 'SecretOverwritten'] }];
  if (foreign.tooMuch !== undefined) return refuse('SecretTooLarge', place, foreign.tooMuch);
  if (onConflict === 'refuse') return refuse('SecretHoldsOtherRegistries', place, foreignInWords(foreign));
  if (foreign.unreadable !== undefined) return refuse('SecretUnreadable', place, unreadableInWords(foreign.unreadable));
  return ['takeOver', { existing, merge: true, carried, outcome: ['adopted', 'SecretMerged'] }];
}

/** Which entries, in words. */
export function unreadableInWords(names: readonly string[]): string {
  return `no kubelet can read ${bounded(names)}`;
}

function foreignInWords({ registries, settings }: Foreign): string {
  const logins = registries.length === 0 ? [] : [`logins for ${bounded(registries)}`];
  const others = settings.length === 0 ? [] : [`the settings ${bounded(settings)}`];
  return `it holds ${[...logins, ...others].join(' and ')}`;
}

function bounded(names: readonly string[]): string {
  const shown = names
    .slice(0, 5)
    .map((name) => shortened(name, 253))
    .join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

function judgeConflict(reply: ApiAnswer, place: Place, looks: number): ApplyStep {
  const { message } = apiStatus(reply.body);
  if (looks >= maxLooks) return fail('SecretContended', place, { why: message, requestId: reply.requestId });
  return ['read', 'FieldsOwnedByOthers'];
}

function judgeRefusal(reply: ApiAnswer, place: Place): Settled {
  const status = apiStatus(reply.body);
  const facts = { why: status.message, requestId: reply.requestId };
  if (status.causes.some((cause) => cause.reason === 'NamespaceTerminating')) {
    return ['settle', ['skipped', 'NamespaceTerminating']];
  }
  if (reply.status === 404) return ['settle', ['skipped', 'NamespaceGone']];
  if (isAdmission(status)) return fail(isFence(status) ? 'FenceDenied' : 'AdmissionDenied', place, facts);
  if (reply.status === 403) return judgeForbidden(status, place, facts);
  if (reply.status === 422) return judgeInvalid(status, place, facts);
  if (reply.status === 401) return fail('ApiUnauthorized', place, { ...facts, why: 'HTTP 401 Unauthorized' });
  return ['settle', ['failed', unserved(reply, place)]];
}

function judgeForbidden(status: ApiStatus, place: Place, facts: Facts): Settled {
  if (status.message.includes('exceeded quota')) return fail('QuotaExceeded', place, facts);
  const verb = /cannot (\w+) resource/.exec(status.message)?.[1];
  if (verb !== undefined) return fail('SecretForbidden', place, { ...facts, verb });
  return fail('AdmissionDenied', place, facts);
}

function judgeInvalid(status: ApiStatus, place: Place, facts: Facts): Settled {
  const immutable = status.causes.filter((cause) => cause.message.includes('field is immutable'));
  if (immutable.some((cause) => cause.field === 'type')) return refuse('SecretTypeDiffers', place, status.message);
  if (immutable.length > 0) return refuse('SecretImmutable', place, status.message);
  return fail('SecretInvalid', place, facts);
}

/** Policies answer 422 with a message that says `is forbidden`, webhooks any status they like. */
function isAdmission({ message }: ApiStatus): boolean {
  const said = behind(message, ' is forbidden: ') ?? message;
  const ofPolicy = behind(said, 'ValidatingAdmissionPolicy ');
  if (ofPolicy?.includes(' denied request') === true) return true;
  return said.startsWith('admission webhook ') && said.includes(' denied the request');
}

/** A policy's name is the first that it says, and has at most 253 letters. An overlay may have put something around it. */
function isFence({ message }: ApiStatus): boolean {
  return behind(message, 'ValidatingAdmissionPolicy ')?.slice(0, 255).includes('ecr-cred-helper-fence') === true;
}

/** What stands behind the first occurrence of some words; in time that is linear, whatever the text. */
function behind(text: string, words: string): string | undefined {
  const at = text.indexOf(words);
  return at === -1 ? undefined : text.slice(at + words.length);
}

function unserved(reply: ApiReply, place: Place): Failure {
  const requestId = reply.kind === 'answer' ? reply.requestId : undefined;
  return placed('NamespaceUnserved', place, { why: whyNot(reply), requestId });
}

type Settled = ['settle', Outcome];

type Facts = { why: string; requestId?: string | undefined; verb?: string };

function fail(code: FailureCode, place: Place, facts: Facts): Settled {
  return ['settle', ['failed', placed(code, place, facts)]];
}

function refuse(code: FailureCode, place: Place, why: string): Settled {
  return ['settle', ['refused', placed(code, place, { why })]];
}

/** A failure at a namespace's secret. */
export function placed(code: FailureCode, place: Place, facts: Facts): Failure {
  const { namespace, secretName } = place;
  return failure(code, { ...facts, where: `${namespace}/${secretName}`, namespace, secret: secretName });
}
