import { exitCodeOfFindings, findingLines, findingsDocument, type Screen } from '../core/doctor/report.ts';
import { inTableOrder, type Finding } from '../core/doctor/finding.ts';
import type { Learn } from '../core/text/secrets.ts';
import type { SafeText, Sink } from '../core/text/sink.ts';
import type { Environment } from '../config/environment.ts';
import type { Configuration } from '../config/parse.ts';
import type { DoctorDeps, Judged, PodConfiguration } from '../doctor/deps.ts';
import type { Clock, Log } from '../ports.ts';
import { withDeadline } from '../serving/deadline.ts';
import { judgePod } from './judge-pod.ts';
import { setValues } from './set-values.ts';

export type Configured = Pick<
  Extract<Configuration, { ok: true }>,
  'settings' | 'sources' | 'warnings' | 'mistakes' | 'operand'
>;

export type TellingDeps = {
  clock: Clock;
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

/** What is looked at, and how pods are judged beside it. */
export type Look = (machine: Judged, judge: DoctorDeps['judge'], signal: AbortSignal) => Promise<Finding[]>;

/** As a shell has it for a program that ended by a signal. */
const exitCodesOfSignals: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143 };

/**
 * Looks, and tells what was found.
 * @param stop aborts with the name of a process signal.
 * @returns 0 where nothing is to be fixed, else 5; 128 and the signal's number where one ended it, and then nothing is told:
 * what was interrupted would be told as broken.
 */
export async function tellFindings(
  configured: Configured,
  deps: TellingDeps,
  stop: AbortSignal,
  look: Look,
): Promise<number> {
  const { settings, sources, warnings, mistakes = [] } = configured;
  const { clock, env, learn, log, sink, write, coloured, screen } = deps;
  const machine = { settings, set: setValues(settings, sources, env), failures: mistakes, warnings };
  const judge = (pod: PodConfiguration) => judgePod(pod, { settings, sources }, learn);
  let signal = stop;
  const found = await withDeadline(settings.deadlineMs, clock, stop, (either) => {
    signal = either;
    return look(machine, judge, either);
  });
  const reason = String(signal.reason);
  const early = 'It was stopped before it had looked at everything';
  if (stop.aborted) {
    log('error', early, { reason });
    return exitCodesOfSignals[reason] ?? 5;
  }
  const findings = inTableOrder(found);
  if (settings.output === 'json') await write(sink.jsonLine(findingsDocument(findings)));
  else await write(sink.lines(findingLines(sink.clean(findings), { ...screen, verbose: settings.verbose }), coloured));
  if (!signal.aborted) return exitCodeOfFindings(findings);
  log('error', early, { reason });
  return 5;
}
