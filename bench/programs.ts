import type { Command } from './measure.ts';
import type { Stage } from './stage.ts';

/** A command of the program; `mayFail`: what it finds wrong in a cluster of emulators is no matter here. */
export type Program = { command: Command; mayFail?: boolean };

/** Every command, in a pod and with a kubeconfig, and an empty process first. */
export function programs(stage: Stage): Record<string, Program> {
  const laptop = { KUBECONFIG: stage.kubeconfig };
  return {
    'empty Node process': { command: stage.empty },
    'the job, one namespace': { command: stage.program() },
    'the job, with a kubeconfig': { command: stage.program([], laptop) },
    '`--version`': { command: stage.program(['--version']) },
    '`--help`': { command: stage.program(['--help']) },
    '`completion bash`': { command: stage.program(['completion', 'bash']) },
    'Tab, for a flag': { command: stage.program(['complete', '--', 'status', '--']) },
    'Tab, for a namespace of the kubeconfig': {
      command: stage.program(['complete', '--', 'status', '-n', ''], laptop),
    },
    '`status`': { command: stage.program(['status']) },
    '`status`, with a kubeconfig': { command: stage.program(['status'], laptop) },
    '`prune --dry-run`': { command: stage.program(['prune', '--dry-run']) },
    '`prune --dry-run`, with a kubeconfig': { command: stage.program(['prune', '--dry-run'], laptop) },
    '`explain`': { command: stage.program(['explain', 'none']), mayFail: true },
    '`explain`, with a kubeconfig': { command: stage.program(['explain', 'none'], laptop), mayFail: true },
    '`doctor`': { command: stage.program(['doctor']), mayFail: true },
    '`doctor`, with a kubeconfig': { command: stage.program(['doctor'], laptop), mayFail: true },
  };
}
