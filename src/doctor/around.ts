import type { StaticKey } from '../config/aws/static-key.ts';
import type { Finding } from '../core/doctor/finding.ts';
import { settingsUnseen, type Installation } from '../core/doctor/installation.ts';
import type { WorkloadFacts } from '../core/doctor/workload.ts';
import type { Workload } from '../core/doctor/workload-facts.ts';
import type { DoctorCluster, DoctorDeps, Judged } from './deps.ts';
import { gatherInstallation } from './installations.ts';
import { checkServer } from './permissions.ts';
import { gatherWorkload } from './workload.ts';

/** What is looked at: a way in which the program runs, with the settings that it has there. */
export type Subject = {
  judged: Judged & { key?: StaticKey };
  /** Whether that is what its pods are given. */
  isTheirs: boolean;
  workload?: Workload;
  /** Absent where the settings are those of this process. */
  installation?: Installation;
};

/** Ways to run it that are looked at one by one; who has more has them alike. */
const mostInstallations = 5;

/** What is there, before anything of it is judged. */
export type Seen = {
  server: Finding[];
  isPod: boolean;
  /** Absent where the API server does not answer. */
  workload?: WorkloadFacts;
  /** Never empty. */
  subjects: readonly Subject[];
};

/**
 * Finds what runs the program, and with which settings.
 * @param machine the configuration of this process, which counts where nothing in the cluster runs it, and in a pod.
 */
export async function lookAround(
  { own, isPod }: DoctorCluster,
  machine: Judged,
  deps: Pick<DoctorDeps, 'clock' | 'random' | 'version' | 'judge'>,
  signal: AbortSignal,
): Promise<Seen> {
  const { findings: server, isThere } = await checkServer(own, signal);
  if (!isThere) return { server, isPod, subjects: [{ judged: machine, isTheirs: false }] };
  const workload = await gatherWorkload(own, deps, signal);
  const looked = isPod ? [] : workload.workloads.slice(0, mostInstallations);
  const installations = await Promise.all(looked.map((each) => gatherInstallation(own, each, deps, signal)));
  return { server, isPod, workload, subjects: subjectsOf(machine, { workload, installations, isPod }, deps) };
}

/** Where the program runs as pods, and what these are given could be read, that is what is judged. */
function subjectsOf(
  machine: Judged,
  {
    workload,
    installations,
    isPod,
  }: { workload: WorkloadFacts; installations: readonly Installation[]; isPod: boolean },
  { judge }: Pick<DoctorDeps, 'judge'>,
): Subject[] {
  const [first] = workload.workloads;
  if (installations.length === 0)
    return [{ judged: machine, isTheirs: isPod, ...(first === undefined ? {} : { workload: first }) }];
  return installations.map((installation) => {
    const { argv, env, origins, readFile } = installation.view;
    const isUnseen = settingsUnseen(installation) || argv === undefined;
    const judged = isUnseen ? machine : judge({ argv, env, origins, readFile });
    return { judged, isTheirs: !isUnseen, workload: installation.workload, installation };
  });
}
