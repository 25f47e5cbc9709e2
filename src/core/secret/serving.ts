import { persistent, untried, type Trying } from '../api/attempts.ts';
import { contained, type Happened, type Machine, type Moment, type Step } from '../api/machine.ts';
import { isTooLarge } from '../api/retry.ts';
import { writtenRevision, type ApiReply } from '../api/reply.ts';
import { judgeApply, judgeExisting, placed, type Outcome, type Place, type Takeover } from './outcome.ts';
import {
  existingSecret,
  fieldManagers,
  onCondition,
  takeoverBody,
  timestamp,
  type ExistingSecret,
  type PullSecret,
} from './pull-secret.ts';

/** What is to be done with a pull secret that holds something of others. */
export type ConflictWish = 'refuse' | 'merge' | 'overwrite';

/** A namespace that is being served, with all that was judged on the way. */
export type Serving = {
  place: Place;
  secret: PullSecret;
  onConflict: ConflictWish;
  /** The server answers as if, and stores nothing; what is there is looked at first, to be shown. */
  dryRun: boolean;
  doing: 'show' | 'apply' | 'look';
  /** The revision that an apply is to find; absent where nothing is known of the secret. It stays until it was not met. */
  condition: string | undefined;
  takeover: Takeover | undefined;
  /** Looks at the secret, because somebody else owns it or may have written a newer token. */
  looks: number;
  /** The revision on which the last answer rests. */
  judged: string | undefined;
  /** The revision at which our write left the secret. */
  written: string | undefined;
  /** What a dry run was shown. */
  existing: ExistingSecret | undefined;
};

/** One request for a namespace's pull secret. */
export type SecretRequest = { place: Place } & (
  | { kind: 'apply'; body: string; force: boolean; dryRun: boolean; fieldManager: string }
  /** One that is larger than so many bytes is not read. */
  | { kind: 'read'; mostBytes: number }
  | { kind: 'readMetadata' }
);

export type ServingJob = Trying<Serving>;

/** No object has this revision; where there is no object, the server makes one and does not ask. */
const neverMet = '1';

/**
 * What is known of the secret by who has not looked: nothing, or its revision, where there is none `undefined`.
 * `seemsNewer`: what its metadata say is to be held against its data before anything is written.
 */
export type Known = 'nothing' | { revision: string | undefined; seemsNewer?: boolean };

/** The beginning of serving a namespace. */
export function serving(
  place: Place,
  secret: PullSecret,
  { onConflict, dryRun }: Pick<Serving, 'onConflict' | 'dryRun'>,
  known: Known = 'nothing',
): ServingJob {
  const mustLook = secret.missing.length > 0 || (known !== 'nothing' && known.seemsNewer === true);
  return untried({
    place,
    secret,
    onConflict,
    dryRun,
    doing: dryRun ? 'show' : mustLook ? 'look' : 'apply',
    condition: known === 'nothing' ? undefined : (known.revision ?? neverMet),
    takeover: undefined,
    looks: mustLook ? 1 : 0,
    judged: undefined,
    written: undefined,
    existing: undefined,
  });
}

/**
 * Brings one namespace's pull secret to what it should be: one apply where nobody else owns it, else a look at what is
 * there and an apply on the condition that it has not changed since.
 */
export const serve: Machine<ServingJob, SecretRequest, Outcome> = contained(
  persistent<Serving, SecretRequest, Outcome>(serveStep),
  ({ job: { place } }, bug) => ['failed', placed('NamespaceBug', place, { why: String(bug) })],
);

function serveStep(job: Serving, happened: Happened, now: Moment): ServeStep {
  if (happened[0] === 'go') return request(job, now);
  const reply = happened[1];
  if (job.doing === 'show') {
    return request({ ...job, doing: job.secret.missing.length > 0 ? 'look' : 'apply', existing: shown(reply) }, now);
  }
  return job.doing === 'apply' ? applied(job, reply, now) : looked(job, reply, now);
}

type ServeStep = Step<Serving, SecretRequest, Outcome>;

/** A token may expire while a request waits for its turn. */
function request(job: Serving, { wallMs }: Moment): ServeStep {
  const { place, secret } = job;
  if (secret.expiresAtMs <= wallMs) {
    const why = `it expired at ${timestamp(secret.expiresAtMs)}`;
    return ['end', ['failed', placed('TokenExpired', place, { why })], job];
  }
  if (job.doing === 'show') return ['ask', { kind: 'readMetadata', place }, job];
  return ['ask', job.doing === 'look' ? readRequest(job) : applyRequest(job), job];
}

/** What others may have put beside ours, with all that is written on it. As many are held at once as there are requests. */
const mostForeignBytes = 256 * 1024;

function readRequest({ place, secret }: Serving): SecretRequest {
  return { kind: 'read', place, mostBytes: secret.body.length + mostForeignBytes };
}

function applyRequest({ place, secret, dryRun, takeover, condition }: Serving): SecretRequest {
  return {
    kind: 'apply',
    place,
    dryRun,
    force: takeover !== undefined,
    fieldManager: takeover?.merge === true ? fieldManagers.merge : fieldManagers.own,
    body: takeover === undefined ? onCondition(secret.body, condition) : takeoverBody(secret, takeover),
  };
}

function applied(before: Serving, reply: ApiReply, now: Moment): ServeStep {
  const { takeover, looks } = before;
  const job = {
    ...before,
    judged: takeover === undefined ? before.condition : takeover.existing.resourceVersion,
    written: writtenRevision(reply),
  };
  const [step, outcome] = judgeApply(reply, before);
  if (step === 'settle') return ['end', outcome, job];
  if (step === 'retry') return ['end', ['failed', outcome], job];
  return request({ ...job, doing: 'look', condition: undefined, takeover: undefined, looks: looks + 1 }, now);
}

function looked(job: Serving, reply: ApiReply, now: Moment): ServeStep {
  const { place, secret, onConflict } = job;
  // What is too large to be read is known by the revision that the apply was to find.
  const judged = isTooLarge(reply) ? job.judged : shown(reply)?.resourceVersion;
  const [step, found] = judgeExisting(reply, place, secret, onConflict, now);
  if (step === 'settle') return ['end', found, { ...job, judged }];
  if (step === 'retry') return ['end', ['failed', found], { ...job, judged }];
  if (step === 'takeOver') return request({ ...job, doing: 'apply', judged, takeover: found }, now);
  // Whoever makes one before us is met, and looked at.
  return request({ ...job, doing: 'apply', judged, condition: neverMet }, now);
}

/** What cannot be read is judged by the apply that follows. */
function shown(reply: ApiReply): ExistingSecret | undefined {
  return reply.kind === 'answer' && reply.status === 200 ? existingSecret(reply.body) : undefined;
}
