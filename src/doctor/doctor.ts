import { failed, type Finding } from '../core/doctor/finding.ts';
import { findWorkload, runNow, type WorkloadFacts } from '../core/doctor/workload.ts';
import { isServiceAccount } from '../core/doctor/kubernetes.ts';
import { examineAws } from './aws.ts';
import { examineLabels, examineSecrets } from './namespaces.ts';
import { examinePermissions, examineServer, type RunBy } from './permissions.ts';
import { examineRegistries } from './registries.ts';
import { examinePods, gatherWorkload } from './workload.ts';
import type { Asked, ExamineSettings, ExamineWorld } from './deps.ts';

/**
 * Looks at everything a pass rests on and writes nothing. What cannot be looked at is a finding too; nothing throws for
 * what AWS, a registry or the API server answers.
 */
export async function examine(settings: ExamineSettings, world: ExamineWorld, signal: AbortSignal): Promise<Finding[]> {
  const aws = await examineAws(settings, world, signal);
  const registries = examineRegistries(aws.tokens, settings.image, world.registries, signal);
  const named = settings.registries.map(({ host }) => host);
  const hosts = named.length > 0 ? named : aws.tokens.flatMap((token) => token.hosts);
  const cluster = world.cluster.ok
    ? examineCluster(world.cluster.value, settings, hosts, world, signal)
    : Promise.resolve([failed('kubernetes/api', world.cluster.failure)]);
  return [...aws.findings, ...(await registries), ...(await cluster)];
}

async function examineCluster(
  cluster: { own: Asked; asked: Asked },
  settings: ExamineSettings,
  hosts: readonly string[],
  world: ExamineWorld,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { own } = cluster;
  const server = await examineServer(own, signal);
  if (!server.isThere) return server.findings;
  const [workload, labels] = await Promise.all([
    gatherWorkload(own, world, signal),
    examineLabels(own, settings, world, signal),
  ]);
  const permissions = await examinePermissions(cluster, settings, runByOf(settings.as, workload), world, signal);
  const question = {
    serving: labels.serving,
    hosts,
    run: runNow(workload.workloads),
    maySayForbidden: permissions.every(({ reason }) => reason !== 'PermissionMissing'),
  };
  const cannotAsk = permissions.some(({ reason }) => reason === 'ImpersonationForbidden');
  const [secrets, pods] = await Promise.all([
    // Nothing can be tried on behalf of somebody whom we may not speak for.
    examineSecrets(cannotAsk ? { own, asked: own } : cluster, settings, question, world, signal),
    examinePods(own, settings, labels.labelled, hosts, world, signal),
  ]);
  return [...server.findings, ...permissions, ...labels.findings, ...secrets, ...pods, ...findWorkload(workload)];
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
