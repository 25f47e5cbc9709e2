import { exitCodeOfFindings, findingLines, findingsDocument, type Screen } from '../core/doctor/report.ts';
import { inTableOrder, type Finding } from '../core/doctor/finding.ts';
import type { Learn } from '../core/text/secrets.ts';
import type { SafeText, Sink } from '../core/text/sink.ts';
import type { Environment } from '../config/environment.ts';
import type { Configuration } from '../config/parse.ts';
import { judgePod } from './judge-pod.ts';
import { setValues } from './set-values.ts';
import type { Settings } from '../config/settings.ts';
import { diagnose } from '../doctor/doctor.ts';
import type { DoctorDeps, PodConfiguration } from '../doctor/deps.ts';
import type { Log } from '../ports.ts';
import { withDeadline } from '../serving/deadline.ts';

type Configured = Pick<Extract<Configuration, { ok: true }>, 'settings' | 'sources' | 'warnings' | 'mistakes'>;

export type DoctorCommandDeps = Omit<DoctorDeps, 'judge'> & {
  log: Log;
  /** The variables that are set. */
  env: Environment;
  sink: Sink;
  /** Where the findings go. */
  readonly write: (text: SafeText) => Promise<void>;
  coloured: boolean;
  screen: Omit<Screen, 'verbose'>;
  /** Hears of each secret that is read. */
  readonly learn: Learn;
};

/** As a shell has it for a program that ended by a signal. */
const exitCodesOfSignals: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143 };

/**
 * Looks at everything a pass rests on, and says what is in order and what mends the rest.
 * @param stop aborts with the name of a process signal.
 * @returns 0 where nothing is to be fixed, else 5; 128 and the signal's number where one ended it, and then nothing is told:
 * what was interrupted would be told as broken.
 */
export async function doctor(
  { settings, sources, warnings, mistakes = [] }: Configured,
  deps: DoctorCommandDeps,
  stop: AbortSignal,
): Promise<number> {
  const { clock, env, learn, log } = deps;
  const set = setValues(settings, sources, env);
  const machine = { settings, set, failures: mistakes, warnings };
  const judge = (pod: PodConfiguration) => judgePod(pod, { settings, sources }, learn);
  let signal = stop;
  const found = await withDeadline(settings.deadlineMs, clock, stop, (either) => {
    signal = either;
    return diagnose(machine, settings, { ...deps, judge }, either);
  });
  const reason = String(signal.reason);
  if (stop.aborted) {
    log('error', 'Doctor was stopped before it had looked at everything', { reason });
    return exitCodesOfSignals[reason] ?? 5;
  }
  const findings = inTableOrder(found);
  await tell(findings, settings, deps);
  if (!signal.aborted) return exitCodeOfFindings(findings);
  log('error', 'Doctor was stopped before it had looked at everything', { reason });
  return 5;
}

async function tell(findings: readonly Finding[], settings: Settings, deps: DoctorCommandDeps): Promise<void> {
  const { sink, write, coloured, screen } = deps;
  if (settings.output === 'json') return write(sink.jsonLine(findingsDocument(findings)));
  await write(sink.lines(findingLines(sink.clean(findings), { ...screen, verbose: settings.verbose }), coloured));
}
