import { findAskedWith } from '../core/doctor/aws.ts';
import { findConfiguration, findSettingsOf } from '../core/doctor/configuration.ts';
import { distinct, failed, type Finding } from '../core/doctor/finding.ts';
import {
  asItself,
  findInstallation,
  giveKeyCommand,
  isIncomplete,
  setCommandOf,
  type Installation,
  type SetCommand,
} from '../core/doctor/installation.ts';
import { isServiceAccount } from '../core/doctor/kubernetes.ts';
import type { TriedBy } from '../core/doctor/namespaces.ts';
import type { Installation as Use } from '../core/doctor/permissions.ts';
import { findWorkload, mendFirst, runNow, type WorkloadFacts } from '../core/doctor/workload.ts';
import type { Workload } from '../core/doctor/workload-facts.ts';
import type { AuthorizationToken } from '../core/secret/token.ts';
import { lifeMs } from '../core/secret/token-life.ts';
import { lookAround, type Seen, type Subject } from './around.ts';
import { checkAws } from './aws.ts';
import type { DoctorCluster, DoctorDeps, DoctorSettings, Judged, Question } from './deps.ts';
import { checkLabels, checkSecrets } from './namespaces.ts';
import { checkPermissions, findAsked, type AskedAs, type RunBy } from './permissions.ts';
import { checkPolicies } from './policies.ts';
import { checkRegistries } from './registries.ts';
import { checkPods } from './workload.ts';

/**
 * Looks at everything a pass rests on and writes nothing. Where the program runs in the cluster, its own pods' settings are
 * judged, not those of the machine that doctor happens to be run on. What cannot be looked at is a finding too; nothing
 * throws for what AWS, a registry or the API server answers.
 * @param machine the configuration of this process.
 */
export async function diagnose(
  machine: Judged,
  question: Question,
  deps: DoctorDeps,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { cluster } = deps;
  const seen = cluster.ok ? await lookAround(cluster.value, machine, deps, signal) : undefined;
  const server = seen?.server ?? (cluster.ok ? [] : [failed('kubernetes/api', cluster.failure)]);
  const subjects = seen?.subjects ?? [{ judged: machine, isTheirs: false }];
  const findings = [...server];
  let tokenLifeMs: number | undefined;
  for (const subject of subjects) {
    const aws = await checkAwsOf(subject, question, deps, signal);
    findings.push(...configurationOf(subject, seen), ...aws.findings);
    for (const token of aws.tokens) tokenLifeMs = Math.min(tokenLifeMs ?? lifeMs(token), lifeMs(token));
    if (cluster.ok && isAnswered(seen)) {
      findings.push(...(await checkCluster(cluster.value, seen, subject, question, aws.tokens, deps, signal)));
    }
  }
  const life = tokenLifeMs === undefined ? {} : { tokenLifeMs };
  const workload = seen?.workload === undefined ? [] : findWorkload({ ...seen.workload, ...life });
  return distinct([...findings, ...workload]);
}

/** What is there of a cluster whose API server answers. */
type Answered = Seen & { workload: WorkloadFacts };

function isAnswered(seen: Seen | undefined): seen is Answered {
  return seen?.workload !== undefined;
}

function configurationOf({ judged, isTheirs, workload, installation }: Subject, seen: Seen | undefined): Finding[] {
  const isSeen = seen?.workload !== undefined && seen.workload.unseen === undefined;
  const of = findSettingsOf(workload, { isPod: seen?.isPod === true, isInstallation: isTheirs, isSeen });
  const own = installation === undefined ? [] : findInstallation(installation);
  return [of, ...findConfiguration(judged, isTheirs ? installation : undefined), ...own];
}

async function checkAwsOf(
  { judged, installation }: Subject,
  { image }: Question,
  deps: DoctorDeps,
  signal: AbortSignal,
): Promise<{ findings: Finding[]; tokens: AuthorizationToken[] }> {
  const { settings, key, failures } = judged;
  // Without one nobody can be asked, and whatever region this machine has is none of theirs: it has been said.
  if (failures.some(({ code }) => code === 'RegionMissing')) return { findings: [], tokens: [] };
  const giveKey = installation === undefined || key === undefined ? undefined : giveKeyCommand(installation);
  const aws = await checkAws(settings, deps.aws(key), { set: setOf(installation), giveKey }, deps, signal);
  const asked = installation === undefined ? [] : [findAskedWith(installation, key !== undefined)];
  const registries = await checkRegistries(aws.tokens, { image, arn: aws.arn }, deps.registries, signal);
  return { findings: [...asked, ...aws.findings, ...registries], tokens: aws.tokens };
}

/** How a setting is changed; undefined where it is one of this process. */
function setOf(installation: Installation | undefined): SetCommand | undefined {
  return installation === undefined ? undefined : setCommandOf(installation);
}

async function checkCluster(
  cluster: DoctorCluster,
  { workload: facts, subjects }: Answered,
  subject: Subject,
  { as, namespace }: Question,
  tokens: readonly AuthorizationToken[],
  deps: DoctorDeps,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { own } = cluster;
  const {
    judged: { settings, key },
    workload,
    installation,
  } = subject;
  const named = settings.registries.map(({ host }) => host);
  const hosts = named.length > 0 ? named : tokens.flatMap((token) => token.hosts);
  const supposed = runByOf(as, subject, subjects);
  const [who, labels] = await Promise.all([
    findAsked(cluster, as, supposed, deps, signal),
    checkLabels(own, settings, namespace, deps, signal),
  ]);
  // Where nothing is seen that runs it, an account that asks is the one that does.
  const runBy = workload === undefined && isServiceAccount(who.user) ? runByOf(who.user, subject, subjects) : supposed;
  const isUnknown = who.findings.some(({ reason }) => reason === 'ServiceAccountUnknown');
  const [permissions, policies] = await Promise.all([
    who.canAsk ? checkPermissions(own, who, settings.secretName, runBy, deps, signal) : [],
    // Nobody is fenced in who does not exist.
    isUnknown ? [] : checkPolicies(own, settings, { account: runBy.account, release: workload?.release }, deps, signal),
  ]);
  // Nothing more can be known where nobody asks; each further look would only say the same.
  if (who.findings.some(({ reason }) => reason === 'ApiCredentialsFailed')) return who.findings;
  const set = setOf(installation);
  // Other credentials than its own say nothing of what a run would have.
  const hasToken = tokens.length > 0 || (installation !== undefined && key === undefined);
  const isWhole = installation === undefined || !isIncomplete(installation);
  const question = {
    serving: labels.serving,
    hosts,
    run: hasToken && isWhole ? runNow(workload, facts.stuck) : mendFirst,
    by: triedBy(who, permissions),
    set,
  };
  const [secrets, pods] = await Promise.all([
    // Nothing can be tried on behalf of somebody whom we may not speak for; as ourselves quotas and webhooks are seen.
    checkSecrets({ own, asked: who.canAsk ? who.asked : own }, settings, question, deps, signal),
    checkPods(own, settings, { labelled: labels.labelled, hosts, set, namespace }, deps, signal),
  ]);
  // Of an account that the installation names it has been said.
  const isSaid = isUnknown && as === undefined && installation !== undefined;
  const whom = isSaid ? [] : who.findings;
  return [...whom, ...permissions, ...policies, ...labels.findings, ...secrets, ...pods];
}

function triedBy({ canAsk }: AskedAs, permissions: readonly Finding[]): TriedBy {
  if (!canAsk) return 'ourselves';
  const isLacking = permissions.some(({ reason }) => reason === 'PermissionMissing' || reason === 'BindingMissing');
  return isLacking ? 'account-known-to-lack-it' : 'account';
}

const ourName = 'ecr-cred-helper';

function runByOf(
  as: string | undefined,
  { judged: { settings }, workload }: Subject,
  subjects: readonly Subject[],
): RunBy {
  const [, , asNamespace, asName] = as !== undefined && isServiceAccount(as) ? as.split(':') : [];
  const namespace = asNamespace ?? workload?.namespace ?? ourName;
  const name = asName ?? workload?.serviceAccount ?? ourName;
  const beside = subjects.flatMap(({ judged, workload: other }) => {
    const isOfAccount = other?.namespace === namespace && other.serviceAccount === name;
    return isOfAccount ? [useOf(other, judged.settings)] : [];
  });
  const own = workload === undefined ? {} : { use: useOf(workload, settings), itself: asItself(workload) };
  return { account: `system:serviceaccount:${namespace}:${name}`, namespace, beside, ...own };
}

function useOf({ kind, namespace }: Workload, settings: DoctorSettings): Use {
  const { secretName, leaderElection: isUsed, leaseName: name, leaseNamespace = namespace } = settings;
  const lease = { namespace: leaseNamespace, name, isUsed };
  return { runsAs: kind === 'Deployment' ? 'controller' : 'job', secretName, lease };
}
