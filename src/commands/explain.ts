import type { ExplainDeps } from '../doctor/deps.ts';
import { explain } from '../doctor/explain.ts';
import { tellFindings, type Configured, type TellingDeps } from './tell-findings.ts';

export type ExplainCommandDeps = Omit<ExplainDeps, 'judge'> &
  TellingDeps & {
    /** Of the context of the kubeconfig, or of this pod. */
    namespace: string;
  };

/** Says why a pod waits for its images, and what mends it; see {@link tellFindings}. */
export function runExplain(configured: Configured, deps: ExplainCommandDeps, stop: AbortSignal): Promise<number> {
  const { settings, operand = '' } = configured;
  const place = { namespace: settings.namespace ?? deps.namespace, name: operand };
  return tellFindings(configured, deps, stop, (machine, judge, signal) =>
    explain(place, machine, { ...deps, judge }, signal),
  );
}
