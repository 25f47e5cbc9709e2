import type { Finding } from '../core/doctor/finding.ts';
import { findVersion, findWho, userName } from '../core/doctor/kubernetes.ts';
import {
  findExcess,
  findPermissions,
  mentionsLeases,
  needsOf,
  type Need,
  type RunsAs,
} from '../core/doctor/permissions.ts';
import { isServiceAccount } from '../core/doctor/kubernetes.ts';
import { answered, type Driving } from '../serving/drive.ts';
import type { Asked, DoctorSettings } from './deps.ts';

/** Asks the API server whether it is there and which one it is. One attempt: an operator waits for it. */
export async function checkServer(own: Asked, signal: AbortSignal): Promise<{ findings: Finding[]; isThere: boolean }> {
  const findings = findVersion(own.server, await own.read('/version', 'whole', signal));
  return {
    findings,
    isThere: findings.every(({ severity, check }) => severity !== 'problem' || check !== 'kubernetes/api'),
  };
}

/** The account that runs the program, and how: as far as the workload shows it. */
export type RunBy = { account: string; namespace: string; runsAs: RunsAs | undefined };

const authorization = '/apis/authorization.k8s.io/v1';

/** Asks who is asked about, what they may do of what is needed, and what beyond. */
export async function checkPermissions(
  { own, asked }: { own: Asked; asked: Asked },
  { as, secretName }: DoctorSettings,
  runBy: RunBy,
  deps: Driving,
  signal: AbortSignal,
): Promise<Finding[]> {
  const review = (path: string, kind: string, apiVersion: string, spec: object) =>
    answered(() => asked.review(path, JSON.stringify({ apiVersion, kind, spec }), signal), deps, signal);
  const self = await review(
    '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    'SelfSubjectReview',
    'authentication.k8s.io/v1',
    {},
  );
  const account = as === undefined ? undefined : await accountNamed(own, as, deps, signal);
  const who = findWho({
    review: self,
    ...(as === undefined ? {} : { as }),
    ...(account === undefined ? {} : { account }),
    expected: runBy.account,
  });
  if (who.some(({ severity }) => severity === 'problem')) return who;

  const rules = await review(
    `${authorization}/selfsubjectrulesreviews`,
    'SelfSubjectRulesReview',
    'authorization.k8s.io/v1',
    { namespace: runBy.namespace },
  );
  const runsAs = runBy.runsAs ?? (mentionsLeases(rules) ? 'controller' : 'job');
  const installation = { runsAs, secretName, namespace: runBy.namespace };
  const needs = needsOf(installation);
  const access = await Promise.all(
    needs.map(async (need) => ({
      need,
      reply: await review(
        `${authorization}/selfsubjectaccessreviews`,
        'SelfSubjectAccessReview',
        'authorization.k8s.io/v1',
        {
          resourceAttributes: attributesOf(need),
        },
      ),
    })),
  );
  const name = userName(self) ?? as ?? '';
  // What a person may do beyond the program's needs is nobody's business.
  const excess = isServiceAccount(name) ? findExcess(rules, installation, name) : [];
  return [...who, ...findPermissions(access), ...excess];
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
