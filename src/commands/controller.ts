import type { ListenAddress, Settings } from '../config/settings.ts';
import { failure, failureLine, type ExitCode, type Result } from '../core/failures/errors.ts';
import type { Sink } from '../core/text/sink.ts';
import { whyNotReady } from '../core/controller/controller-status.ts';
import { usualLeaseTimings } from '../core/controller/lease.ts';
import { mostNoteCharacters, settingsNote } from '../core/controller/shared-settings.ts';
import type { LeaderSettings } from '../controller/lease-attempt.ts';
import { usualWatchTimings } from '../controller/watch.ts';
import { controller, type Controller, type ControllerDeps } from '../controller/controller.ts';
import type { Log, Metrics, ProbeAnswers, Probes } from '../ports.ts';

export type ControllerCommandDeps = Omit<ControllerDeps, 'meter'> & {
  metrics: Metrics;
  listen(address: ListenAddress, answers: ProbeAnswers): Promise<Result<Probes>>;
  /** Of this process alone. */
  identity: string;
  /** The namespace this pod runs in; absent outside a cluster. */
  podNamespace: string | undefined;
};

/**
 * Keeps the promise until it is told to stop, then finishes what is in flight, releases the Lease and returns 0.
 * @returns the exit code.
 */
export async function runController(
  settings: Settings,
  deps: ControllerCommandDeps,
  stop: AbortSignal,
): Promise<ExitCode> {
  const leader = leaderSettings(settings, deps);
  if (!leader.ok) {
    deps.log('error', leader.failure.what, { failure: leader.failure });
    return 2;
  }
  const instance = controller(
    { ...settings, identity: deps.identity, leader: leader.value, watchTimings: usualWatchTimings },
    { ...deps, meter: deps.metrics.meter },
  );
  deps.metrics.attach(() => instance.status());
  const probes = await deps.listen(settings.listen, {
    health: () => whyStuck(instance, deps.log),
    readiness: () => whyNotReady(instance.status()),
    explanation: () => explained(instance, deps.sink),
    metrics: () => deps.metrics.text(),
  });
  if (!probes.ok) {
    deps.log('error', probes.failure.what, { failure: probes.failure });
    return 2;
  }
  deps.log('info', 'Controller started', { identity: deps.identity, port: probes.value.port });
  try {
    await instance.run(stop);
  } finally {
    await probes.value.close();
  }
  deps.log('info', 'Controller stopped');
  return 0;
}

/** A line for each part, as an API server's `/readyz?verbose` has it: what is wrong with it, and what to do. */
function explained(instance: Controller, sink: Sink): string {
  const { isLeading, isSynced, hasCaughtUp } = instance.status();
  const leads = isLeading
    ? `leads, ${hasCaughtUp ? 'and has served' : 'and has not served'} every namespace`
    : 'stands by';
  const parts = Object.entries(instance.troubles()).map(([part, trouble]) => {
    if (trouble === undefined) return `[+]${part} ok\n`;
    return `[-]${part} failed, ${trouble.code}: ${sink.text(failureLine(trouble))}\n`;
  });
  return `[${isSynced ? '+' : '-'}]${leads}${isSynced ? '' : ', not in sync'}\n${parts.join('')}`;
}

/** That a part does not go on is a bug; whoever asks for the health has the process replaced. */
function whyStuck(instance: Pick<Controller, 'stuck'>, log: Log): string | undefined {
  const part = instance.stuck();
  if (part === undefined) return undefined;
  const why = `${part} should have gone on more than a minute ago`;
  log('error', 'The controller is stuck, and asks to be restarted', { why });
  return why;
}

function leaderSettings(
  settings: Settings,
  { identity, podNamespace, sink }: ControllerCommandDeps,
): Result<LeaderSettings | undefined> {
  const { leaderElection, leaseName, leaseNamespace } = settings;
  if (!leaderElection) return { ok: true, value: undefined };
  const namespace = leaseNamespace ?? podNamespace;
  if (namespace !== undefined) {
    const place = { namespace, name: leaseName };
    // It leaves, as every other text: whoever pastes a secret into a setting does not find it in the Lease.
    const note = sink.text(settingsNote(settings), mostNoteCharacters);
    return { ok: true, value: { place, identity, timings: usualLeaseTimings, note } };
  }
  const why = 'it is not set, and there is no mounted service account that names one';
  return { ok: false, failure: failure('LeaseNamespaceMissing', { where: 'ECR_LEASE_NAMESPACE', why }) };
}
