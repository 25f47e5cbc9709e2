import { findConfiguration } from '../core/doctor/configuration.ts';
import { exitCodeOfFindings, findingLines, findingsDocument, type Screen } from '../core/doctor/report.ts';
import { inTableOrder, type Finding } from '../core/doctor/finding.ts';
import type { ExitCode } from '../core/failures/errors.ts';
import type { SafeText, Sink } from '../core/text/sink.ts';
import type { Environment } from '../config/environment.ts';
import type { Configuration } from '../config/parse.ts';
import { setValues } from './set-values.ts';
import type { Settings } from '../config/settings.ts';
import { diagnose } from '../doctor/doctor.ts';
import type { DoctorDeps } from '../doctor/deps.ts';
import type { Log } from '../ports.ts';
import { withDeadline } from '../serving/deadline.ts';

type Configured = Pick<Extract<Configuration, { ok: true }>, 'settings' | 'sources' | 'warnings' | 'mistakes'>;

export type DoctorCommandDeps = DoctorDeps & {
  log: Log;
  /** The variables that are set. */
  env: Environment;
  sink: Sink;
  /** Where the findings go. */
  readonly write: (text: SafeText) => Promise<void>;
  coloured: boolean;
  screen: Omit<Screen, 'verbose'>;
};

/**
 * Looks at everything a pass rests on, and says what is in order and what mends the rest.
 * @param stop aborts with the name of a process signal.
 * @returns 0 where nothing is to be fixed, else 5.
 */
export async function doctor(
  { settings, sources, warnings, mistakes = [] }: Configured,
  deps: DoctorCommandDeps,
  stop: AbortSignal,
): Promise<ExitCode> {
  const { clock, env } = deps;
  let signal = stop;
  const looked = await withDeadline(settings.deadlineMs, clock, stop, (either) => {
    signal = either;
    return diagnose(settings, deps, either);
  });
  const configured = { set: setValues(settings, sources, env), failures: mistakes, warnings };
  const findings = inTableOrder([...findConfiguration(configured), ...looked]);
  await tell(findings, settings, deps);
  if (!signal.aborted) return exitCodeOfFindings(findings);
  deps.log('error', 'Doctor was stopped before it had looked at everything', { reason: String(signal.reason) });
  return 5;
}

async function tell(findings: readonly Finding[], settings: Settings, deps: DoctorCommandDeps): Promise<void> {
  const { sink, write, coloured, screen } = deps;
  if (settings.output === 'json') return write(sink.jsonLine(findingsDocument(findings)));
  await write(sink.lines(findingLines(sink.clean(findings), { ...screen, verbose: settings.verbose }), coloured));
}
