import { mendFirst } from '../core/doctor/workload.ts';
import type { SetCommand } from '../core/doctor/installation.ts';
import type { Trying } from '../core/api/attempts.ts';
import { isRecord, text, type ApiReply } from '../core/api/reply.ts';
import { couldNotLook, type Finding } from '../core/doctor/finding.ts';
import { findAdmission, findNamespaces, nearMiss, type DryRunFact, type TriedBy } from '../core/doctor/namespaces.ts';
import { findPullSecret, findWriters, secretFact, type SecretFact } from '../core/doctor/pull-secrets.ts';
import { trial, tryOut, type Trial, type TrialEnd } from '../core/doctor/trial.ts';
import { judgeApply, type Place } from '../core/secret/outcome.ts';
import { fieldManagers, pullSecret, type PullSecret } from '../core/secret/pull-secret.ts';
import type { ApplyRequest } from '../ports.ts';
import type { Driving } from '../serving/drive.ts';
import { Engine, type Hands } from '../serving/engine.ts';
import { eachItem } from './pages.ts';
import type { Asked, DoctorSettings } from './deps.ts';

export type LabelledNamespaces = {
  findings: Finding[];
  /** Not being deleted. */
  serving: string[];
  labelled: Set<string>;
};

/** Near misses that are named; a cluster with more of them has another habit than a mistake. */
const maxNearMisses = 50;

/**
 * Reads every namespace's labels once.
 * @param only the one namespace that is asked about; undefined: all are.
 */
export async function checkLabels(
  own: Asked,
  { labelName, labelValue }: DoctorSettings,
  only: string | undefined,
  deps: Driving,
  signal: AbortSignal,
): Promise<LabelledNamespaces> {
  const label = { name: labelName, value: labelValue };
  const serving: string[] = [];
  const terminating: string[] = [];
  const nearMisses: { namespace: string; written: string }[] = [];
  let exists = false;
  const selected = only === undefined ? '' : `?fieldSelector=metadata.name%3D${only}`;
  const incomplete = await eachItem(
    own,
    { path: `/api/v1/namespaces${selected}`, form: 'metadata' },
    deps,
    signal,
    ({ metadata }) => {
      if (!isRecord(metadata)) return;
      exists = true;
      const namespace = text(metadata['name']);
      const labels = isRecord(metadata['labels']) ? metadata['labels'] : {};
      const notes = isRecord(metadata['annotations']) ? metadata['annotations'] : {};
      const isTerminating = metadata['deletionTimestamp'] !== undefined;
      if (labels[labelName] === labelValue) (isTerminating ? terminating : serving).push(namespace);
      else if (!isTerminating && nearMisses.length < maxNearMisses) {
        const written = nearMiss(labels, notes, label);
        if (written !== undefined) nearMisses.push({ namespace, written });
      }
    },
  );
  const facts = {
    label,
    serving,
    terminating,
    nearMisses,
    ...(incomplete === undefined ? {} : { incomplete }),
    ...(only === undefined ? {} : { only: { namespace: only, exists } }),
  };
  return { findings: findNamespaces(facts), serving, labelled: new Set([...serving, ...terminating]) };
}

/** Namespaces whose secret is read and whose admission is tried: a sample that a person waits for. */
const maxTried = 500;

export type SecretQuestion = {
  serving: readonly string[];
  /** Hosts that the secret must hold a login for. */
  hosts: readonly string[];
  /** How to have it written now. */
  run: string;
  by: TriedBy;
  set: SetCommand | undefined;
};

/** Reads each pull secret as ourselves, and tries to write it, storing nothing, as whoever is asked about. */
export async function checkSecrets(
  { own, asked }: { own: Asked; asked: Asked },
  settings: DoctorSettings,
  { serving, hosts, run, by, set }: SecretQuestion,
  deps: Driving,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { secretName, onConflict, concurrency } = settings;
  const tried = serving.slice(0, maxTried);
  const secret = stand(secretName, hosts, deps.clock.nowMs());
  const facts = new Map<string, SecretFact>();
  const dryRuns = new Map<string, DryRunFact>();
  const hands: Hands<Trying<Trial>, 'read' | 'write', TrialEnd> = {
    begin: trial,
    next: tryOut,
    ask: (request, namespace) =>
      request === 'read'
        ? own.readSecret(namespace, secretName, signal)
        : asked.applySecret(dryRunOf(secret, namespace), signal),
    ended(namespace, { read, written }) {
      facts.set(namespace, secretFact(read, hosts));
      dryRuns.set(namespace, judgeDryRun(written, { namespace, secretName }));
      return undefined;
    },
    left: () => {},
    done: () => {},
  };
  await new Engine(hands, { concurrency, isOpen: () => true }, deps).run(signal, inOnePage(tried));
  const place = { secretName, expected: hosts, onConflict, nowMs: deps.clock.nowMs(), set };
  const refusing = new Set<string>();
  const states = tried.flatMap((namespace) => {
    const fact = facts.get(namespace);
    if (fact === undefined) return [];
    const isRefused = wouldBeRefused(dryRuns.get(namespace), by);
    const state = findPullSecret(fact, { ...place, namespace, run: isRefused ? mendFirst : run });
    if (state.some(({ reason }) => refusals.has(reason))) refusing.add(namespace);
    return [...state, ...findWriters(fact, namespace, secretName)];
  });
  const rest = serving.length - tried.length;
  const unseen = `doctor looks at the first ${maxTried} namespaces`;
  return [
    ...(tried.length === 0 ? [] : findAdmission([...dryRuns.values()], by, refusing)),
    ...states,
    ...(rest > 0
      ? [couldNotLook('secrets/state', `${rest} more namespaces`, unseen, 'Every one: ecr-cred-helper status')]
      : []),
  ];
}

/** Whether a run would not get any further than what was tried. */
function wouldBeRefused(tried: DryRunFact | undefined, by: TriedBy): boolean {
  if (tried?.result !== 'refused') return false;
  return by !== 'ourselves' || tried.failure.code !== 'SecretForbidden';
}

async function* inOnePage(names: readonly string[]): AsyncGenerator<readonly string[], void> {
  yield names;
}

/** States of a secret in which a run leaves it as it is. */
const refusals: ReadonlySet<string> = new Set([
  'SecretTypeDiffers',
  'SecretImmutable',
  'SecretTooLarge',
  'SecretUnreadable',
  'SecretHoldsOtherRegistries',
]);

/** A pull secret of the right form that opens nothing: what is tried out need not hold a token. */
function stand(secretName: string, hosts: readonly string[], nowMs: number): PullSecret {
  const lifeMs = 12 * 3_600_000;
  const named = hosts.length === 0 ? ['000000000000.dkr.ecr.us-east-1.amazonaws.com'] : hosts;
  const token = { hosts: named, password: 'dry-run', issuedAtMs: nowMs, expiresAtMs: nowMs + lifeMs };
  return pullSecret(secretName, [token], { wallMs: nowMs, steadyMs: 0 });
}

function dryRunOf(secret: PullSecret, namespace: string): ApplyRequest {
  const { name, body } = secret;
  return { namespace, secretName: name, body, force: false, dryRun: true, fieldManager: fieldManagers.own };
}

function judgeDryRun(reply: ApiReply, place: Place): DryRunFact {
  const { namespace } = place;
  const [step, detail] = judgeApply(reply, { place, dryRun: true, takeover: undefined, looks: 0 });
  if (step === 'read') return { namespace, result: 'owned' };
  if (step === 'retry') return { namespace, result: 'refused', failure: detail };
  const [, reason] = detail;
  if (typeof reason === 'object') return { namespace, result: 'refused', failure: reason };
  return { namespace, result: detail[0] === 'skipped' ? 'gone' : 'accepted' };
}
