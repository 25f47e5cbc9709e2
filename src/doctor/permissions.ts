import type { ApiReply } from '../core/api/reply.ts';
import { finding, type Finding } from '../core/doctor/finding.ts';
import { findVersion, findWho, impersonationForbidden, isServiceAccount, userName } from '../core/doctor/kubernetes.ts';
import {
  allowed,
  excessIn,
  findExcess,
  findPermissions,
  needsOf,
  useShownBy,
  type Installation as Use,
} from '../core/doctor/permissions.ts';
import type { Need } from '../core/doctor/roles.ts';
import { answered, type Driving } from '../serving/drive.ts';
import type { Asked, DoctorCluster } from './deps.ts';
import { gatherRoles } from './roles.ts';

/** Asks the API server whether it is there and which one it is. One attempt: an operator waits for it. */
export async function checkServer(own: Asked, signal: AbortSignal): Promise<{ findings: Finding[]; isThere: boolean }> {
  const findings = findVersion(own.server, await own.read('/version', 'whole', signal));
  return {
    findings,
    isThere: findings.every(({ severity, check }) => severity !== 'problem' || check !== 'kubernetes/api'),
  };
}

/** The account that runs the program, and how: as far as the workload shows it. */
export type RunBy = {
  account: string;
  namespace: string;
  /** Absent where nobody knows what runs. */
  use?: Use;
  /** What else runs as that account, and needs what it needs. */
  beside: readonly Use[];
  /** The command that runs doctor as what runs the program; absent where nothing does. */
  itself?: string;
};

/** As whom permissions are asked and writes are tried. */
export type AskedAs = {
  asked: Asked;
  /** As the API server knows us; empty where it does not say. */
  user: string;
  findings: Finding[];
  /** Whether what the account may do can be known by asking as them. */
  canAsk: boolean;
};

/**
 * Finds out as whom to ask: whom `--as` names, else the account that runs the program, which people look at from their own
 * machines; where they may not speak for it, as themselves.
 * @param as of the command line.
 */
export async function findAsked(
  cluster: DoctorCluster,
  as: string | undefined,
  { account, itself }: RunBy,
  deps: Driving,
  signal: AbortSignal,
): Promise<AskedAs> {
  const { own, isPod } = cluster;
  if (as === undefined && itself !== undefined && !isPod) {
    const asked = cluster.as(account);
    const review = await selfReview(asked, deps, signal);
    const forbidden = impersonationForbidden(review);
    if (forbidden === undefined) return whoIs(asked, review, { as: account, account }, own, deps, signal);
    const found = `asked as ourselves: ${forbidden}`;
    const looked = `SelfSubjectReview as ${account}`;
    const other = finding('AskedAsOurselves', { looked, found, asItself: itself });
    return { asked: own, user: '', findings: [other], canAsk: false };
  }
  const asked = as === undefined ? own : cluster.as(as);
  return whoIs(
    asked,
    await selfReview(asked, deps, signal),
    { ...(as === undefined ? {} : { as }), account },
    own,
    deps,
    signal,
  );
}

async function whoIs(
  asked: Asked,
  review: ApiReply,
  { as, account: expected }: { as?: string; account: string },
  own: Asked,
  deps: Driving,
  signal: AbortSignal,
): Promise<AskedAs> {
  const account = as === undefined ? undefined : await accountNamed(own, as, deps, signal);
  const findings = findWho({
    review,
    ...(as === undefined ? {} : { as }),
    ...(account === undefined ? {} : { account }),
    expected,
  });
  const canAsk = findings.every(({ severity }) => severity !== 'problem');
  return { asked, user: userName(review) ?? as ?? '', findings, canAsk };
}

const authorization = '/apis/authorization.k8s.io/v1';

async function selfReview(asked: Asked, deps: Driving, signal: AbortSignal): Promise<ApiReply> {
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  return reviewed(asked, path, 'SelfSubjectReview', 'authentication.k8s.io/v1', {}, deps, signal);
}

function reviewed(
  asked: Asked,
  path: string,
  kind: string,
  apiVersion: string,
  spec: object,
  deps: Driving,
  signal: AbortSignal,
): Promise<ApiReply> {
  return answered(() => asked.review(path, JSON.stringify({ apiVersion, kind, spec }), signal), deps, signal);
}

/** Asks what they may do of what is needed, and what beyond; what mends it is read from the roles, as ourselves. */
export async function checkPermissions(
  own: Asked,
  { asked, user }: Pick<AskedAs, 'asked' | 'user'>,
  secretName: string,
  runBy: RunBy,
  deps: Driving,
  signal: AbortSignal,
): Promise<Finding[]> {
  const review = (kind: string, spec: object) =>
    reviewed(asked, `${authorization}/${kind.toLowerCase()}s`, kind, 'authorization.k8s.io/v1', spec, deps, signal);
  const rules = await review('SelfSubjectRulesReview', { namespace: runBy.namespace });
  const installation = runBy.use ?? useShownBy(rules, secretName, runBy.namespace);
  const all = [installation, ...runBy.beside];
  const access = await Promise.all(
    needsOf(installation).map(async (need) => ({
      need,
      reply: await review('SelfSubjectAccessReview', { resourceAttributes: attributesOf(need) }),
    })),
  );
  // What a person may do beyond the program's needs is nobody's business.
  const isAccount = isServiceAccount(user);
  const isAmiss = access.some(({ reply }) => allowed(reply) === false) || excessIn(rules, all).length > 0;
  const roles = isAccount && isAmiss ? await gatherRoles(own, user, runBy.namespace, deps, signal) : undefined;
  const grantee = { account: user, ...(roles === undefined ? {} : { roles }) };
  const excess = isAccount ? findExcess(rules, all, grantee) : [];
  return [...findPermissions(access, grantee), ...excess];
}

function attributesOf({ verb, group, resource, name, namespace }: Need) {
  return {
    verb,
    group,
    resource,
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

async function accountNamed(own: Asked, as: string, deps: Driving, signal: AbortSignal) {
  const [, , namespace, name] = isServiceAccount(as) ? as.split(':') : [];
  if (namespace === undefined || name === undefined) return undefined;
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}`;
  return answered(() => own.read(path, 'whole', signal), deps, signal);
}
