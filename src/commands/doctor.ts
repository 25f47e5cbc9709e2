import { diagnose } from '../doctor/doctor.ts';
import type { DoctorDeps } from '../doctor/deps.ts';
import { tellFindings, type Configured, type TellingDeps } from './tell-findings.ts';

export type DoctorCommandDeps = Omit<DoctorDeps, 'judge'> & TellingDeps;

/** Looks at everything a pass rests on, and says what is in order and what mends the rest; see {@link tellFindings}. */
export function doctor(configured: Configured, deps: DoctorCommandDeps, stop: AbortSignal): Promise<number> {
  const { settings } = configured;
  return tellFindings(configured, deps, stop, (machine, judge, signal) =>
    diagnose(machine, settings, { ...deps, judge }, signal),
  );
}
