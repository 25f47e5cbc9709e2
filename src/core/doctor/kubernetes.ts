import { apiStatus, isRecord, text, whyNot, type ApiReply } from '../api/reply.ts';
import { listFailure } from '../api/pages.ts';
import { couldNotLook, failed, finding, type Finding } from './finding.ts';

/** Server-side apply is stable since 1.22. */
const oldestMinor = 22;
/** The newest release this program is tested with. */
const testedMinor = 36;

/** Whether the API server answers, and whether its version is one this program works with. */
export function findVersion(server: string, reply: ApiReply): Finding[] {
  const looked = `${server}/version`;
  if (reply.kind === 'broken' || reply.status === 401) {
    return [failed('kubernetes/api', listFailure(reply, server), looked)];
  }
  const answers = finding('ApiAnswers', { looked, found: 'it answers' });
  const version = reply.status === 200 && isRecord(reply.body) ? text(reply.body['gitVersion']) : '';
  const minor = Number(/^v1\.(\d+)/.exec(version)?.[1] ?? Number.NaN);
  if (Number.isNaN(minor)) {
    const why = reply.status === 200 ? 'it names no version' : whyNot(reply);
    return [answers, couldNotLook('kubernetes/version', looked, why, 'kubectl version shows it.')];
  }
  return [answers, judgeVersion(looked, version, minor)];
}

function judgeVersion(looked: string, version: string, minor: number): Finding {
  if (minor < oldestMinor) {
    const found = `${version} is older than v1.${oldestMinor}`;
    return finding('VersionTooOld', { looked, found, oldest: `v1.${oldestMinor}` });
  }
  // Kubernetes keeps stable APIs; one release further is the skew that its own clients allow themselves.
  if (minor > testedMinor + 1) {
    const found = `${version} is ${minor - testedMinor} minor releases newer than v1.${testedMinor}, the newest tested`;
    return finding('VersionUntested', { looked, found });
  }
  return finding('VersionSupported', {
    looked,
    found: `${version}, within v1.${oldestMinor} to v1.${testedMinor + 1}`,
  });
}

export type WhoFacts = {
  /** The answer to a SelfSubjectReview, asked as whoever the other questions are asked as. */
  review: ApiReply;
  /** `--as`. */
  as?: string;
  /** The answer to a GET of the ServiceAccount that `--as` names, asked as ourselves. */
  account?: ApiReply;
  /** The ServiceAccount that runs the program, as far as it is known. */
  expected: string;
};

/** As whom the questions are asked. */
export function findWho({ review, as, account, expected }: WhoFacts): Finding[] {
  const looked = as === undefined ? 'SelfSubjectReview' : `SelfSubjectReview as ${as}`;
  if (review.kind === 'broken' && review.cause === 'CredentialsFailed') {
    return [failed('kubernetes/identity', listFailure(review, looked), looked)];
  }
  const forbidden = impersonationForbidden(review);
  if (forbidden !== undefined) {
    return [finding('ImpersonationForbidden', { looked, found: forbidden, account: as ?? expected })];
  }
  if (account?.kind === 'answer' && account.status === 404) {
    return [finding('ServiceAccountUnknown', { looked, found: `there is no ServiceAccount ${as ?? expected}` })];
  }
  const name = userName(review) ?? as;
  if (name === undefined) {
    const hint = 'kubectl auth whoami shows it, from Kubernetes 1.28.';
    return [couldNotLook('kubernetes/identity', looked, whyNot(review), hint)];
  }
  if (isServiceAccount(name)) return [finding('AskedAs', { looked, found: name })];
  const found = `asked as ${name}, which is no ServiceAccount: what it may do says little of what the program may`;
  return [finding('AskedAsSomebodyElse', { looked, found, account: expected })];
}

/** The words in which the API server refuses to have us speak for somebody; undefined where it does not. */
export function impersonationForbidden(review: ApiReply): string | undefined {
  if (review.kind === 'broken' || review.status !== 403) return undefined;
  const { message } = apiStatus(review.body);
  return message.includes('cannot impersonate') ? message : undefined;
}

/** The user a SelfSubjectReview names. */
export function userName(review: ApiReply): string | undefined {
  if (review.kind === 'broken' || !isRecord(review.body) || !isRecord(review.body['status'])) return undefined;
  const info = review.body['status']['userInfo'];
  return isRecord(info) && text(info['username']) !== '' ? text(info['username']) : undefined;
}

export function isServiceAccount(name: string): boolean {
  return name.startsWith('system:serviceaccount:');
}
