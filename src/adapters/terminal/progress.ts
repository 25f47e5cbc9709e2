import { eraseLine, type Line, type Sink } from '../../core/text/sink.ts';
import type { Progress } from '../../ports.ts';
import { wantsColour, type ColourEnvironment, type TextStream } from './text.ts';

/** A bar that can make room for a line of the log; the next update draws it again. */
export type ProgressBar = Progress & { readonly clear: () => void };

/** Fewer namespaces are done before anybody has read a bar. */
const leastKnown = 50;
const intervalMs = 100;

/** A progress bar on a terminal, drawn at most ten times a second. Nothing at all elsewhere. */
export function createProgress(
  stream: TextStream,
  sink: Sink,
  env: ColourEnvironment,
  nowMs: () => number,
): ProgressBar {
  if (stream.isTTY !== true || env['TERM'] === 'dumb') return { update: nothing, end: nothing, clear: nothing };
  const coloured = wantsColour(stream, env);
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  let isDrawn = false;
  const clear = () => {
    if (isDrawn) stream.write(eraseLine);
    isDrawn = false;
  };
  return {
    update({ done, known, more }) {
      const now = nowMs();
      const elapsedMs = now - drawnAtMs;
      // A clock that was set back must not stop the bar.
      if (known < leastKnown || (elapsedMs >= 0 && elapsedMs < intervalMs)) return;
      drawnAtMs = now;
      isDrawn = true;
      stream.write(eraseLine);
      stream.write(sink.inline(bar(done, known, more, stream.columns ?? 80), coloured));
    },
    end: clear,
    clear,
  };
}

/** One column stays free: a terminal may wrap when its last one is written to. */
function bar(done: number, known: number, more: boolean, columns: number): Line {
  // Of how many is not known before the last page: a bar would run back with each.
  if (more) return `${done} namespaces, and more to come`.slice(0, Math.max(0, columns - 1));
  const label = `${String(done)}/${String(known)} namespaces`;
  const width = Math.min(40, columns - label.length - 4);
  if (width < 5) return label.slice(0, Math.max(0, columns - 1));
  const filled = Math.min(width, Math.max(0, Math.floor((done / known) * width)));
  return ['[', { text: '='.repeat(filled), colour: 'green' }, `${' '.repeat(width - filled)}] ${label}`];
}

function nothing(): void {
  // There is nobody to show it to.
}
