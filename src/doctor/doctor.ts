import { failed, type Finding } from '../core/doctor/finding.ts';
import { findWorkload, runNow, type WorkloadFacts } from '../core/doctor/workload.ts';
import { isServiceAccount } from '../core/doctor/kubernetes.ts';
import type { AuthorizationToken } from '../core/secret/token.ts';
import { lifeMs } from '../core/secret/token-life.ts';
import { checkAws } from './aws.ts';
import { checkLabels, checkSecrets } from './namespaces.ts';
import { checkPermissions, checkServer, type RunBy } from './permissions.ts';
import { checkPolicies } from './policies.ts';
import { checkRegistries } from './registries.ts';
import { checkPods, gatherWorkload } from './workload.ts';
import type { Asked, DoctorSettings, DoctorDeps } from './deps.ts';

/**
 * Looks at everything a pass rests on and writes nothing. What cannot be looked at is a finding too; nothing throws for
 * what AWS, a registry or the API server answers.
 */
export async function diagnose(settings: DoctorSettings, deps: DoctorDeps, signal: AbortSignal): Promise<Finding[]> {
  const aws = await checkAws(settings, deps, signal);
  const registries = checkRegistries(aws.tokens, settings.image, deps.registries, signal);
  const named = settings.registries.map(({ host }) => host);
  const hosts = named.length > 0 ? named : aws.tokens.flatMap((token) => token.hosts);
  const cluster = deps.cluster.ok
    ? checkCluster(deps.cluster.value, settings, { hosts, tokens: aws.tokens }, deps, signal)
    : Promise.resolve([failed('kubernetes/api', deps.cluster.failure)]);
  return [...aws.findings, ...(await registries), ...(await cluster)];
}

async function checkCluster(
  cluster: { own: Asked; asked: Asked },
  settings: DoctorSettings,
  { hosts, tokens }: { hosts: readonly string[]; tokens: readonly AuthorizationToken[] },
  deps: DoctorDeps,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { own } = cluster;
  const server = await checkServer(own, signal);
  if (!server.isThere) return server.findings;
  const [workload, labels] = await Promise.all([
    gatherWorkload(own, deps, signal),
    checkLabels(own, settings, deps, signal),
  ]);
  const runBy = runByOf(settings.as, workload);
  const [permissions, policies] = await Promise.all([
    checkPermissions(cluster, settings, runBy, deps, signal),
    checkPolicies(own, settings, runBy.account, deps, signal),
  ]);
  // Nothing more can be known where nobody asks; each further look would only say the same.
  if (permissions.some(({ reason }) => reason === 'ApiCredentialsFailed')) return [...server.findings, ...permissions];
  const question = {
    serving: labels.serving,
    hosts,
    run: runNow(workload.workloads),
    maySayForbidden: permissions.every(({ reason }) => reason !== 'PermissionMissing'),
  };
  const cannotAsk = permissions.some(({ reason }) => reason === 'ImpersonationForbidden');
  const [secrets, pods] = await Promise.all([
    // Nothing can be tried on behalf of somebody whom we may not speak for.
    checkSecrets(cannotAsk ? { own, asked: own } : cluster, settings, question, deps, signal),
    checkPods(own, settings, labels.labelled, hosts, deps, signal),
  ]);
  return [
    ...server.findings,
    ...permissions,
    ...policies,
    ...labels.findings,
    ...secrets,
    ...pods,
    ...findWorkload({ ...workload, ...lifeOf(tokens) }),
  ];
}

function lifeOf(tokens: readonly AuthorizationToken[]): { tokenLifeMs?: number } {
  return tokens.length === 0 ? {} : { tokenLifeMs: Math.min(...tokens.map(lifeMs)) };
}

const ourName = 'ecr-cred-helper';

function runByOf(as: string | undefined, { workloads }: WorkloadFacts): RunBy {
  const [first] = workloads;
  const [, , asNamespace, asName] = as !== undefined && isServiceAccount(as) ? as.split(':') : [];
  const namespace = asNamespace ?? first?.namespace ?? ourName;
  const name = asName ?? first?.serviceAccount ?? ourName;
  const runsAs = first === undefined ? undefined : first.kind === 'Deployment' ? 'controller' : 'job';
  return { account: `system:serviceaccount:${namespace}:${name}`, namespace, runsAs };
}
