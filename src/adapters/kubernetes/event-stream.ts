import { parseBounded } from '../../core/text/bounded-json.ts';
import type { WatchEnd } from '../../ports.ts';
import type { HttpAnswer } from '../http/answering.ts';
import { Pieces } from './pieces.ts';

/** Metadata of one object is at most about 1 MiB by the API server's own limits. */
const MAX_LINE_BYTES = 2 * 1024 * 1024;
const LINE_END = 0x0a;

/**
 * Reads a watch: one JSON document a line. Resolves when the stream ends, for whatever reason, or with `signal`; the
 * answer is given up then.
 */
export function readEvents(
  answer: HttpAnswer,
  onEvent: (event: unknown) => void,
  signal: AbortSignal,
): Promise<WatchEnd> {
  const { promise, resolve } = Promise.withResolvers<WatchEnd>();
  const rest = new Pieces();
  let isOver = false;

  const finish = (why: string) => {
    if (isOver) return;
    isOver = true;
    signal.removeEventListener('abort', onAbort);
    resolve({ kind: 'ended', why });
    answer.destroy();
  };
  const onAbort = () => finish('stopped');
  /** @returns whether more may come. */
  const onLine = (line: string): boolean => {
    if (line.trim() === '') return true;
    const event = parsed(line);
    if (event === undefined) finish('an event is no JSON');
    else onEvent(event);
    return event !== undefined && !signal.aborted;
  };
  const onData = (chunk: Buffer) => {
    let from = 0;
    for (let end = chunk.indexOf(LINE_END); end !== -1; end = chunk.indexOf(LINE_END, from)) {
      const isEmpty = end === from && rest.size === 0;
      if (!isEmpty) rest.add(chunk.subarray(from, end));
      from = end + 1;
      if (!isEmpty && !onLine(rest.take())) return;
    }
    rest.add(chunk.subarray(from));
    if (rest.size > MAX_LINE_BYTES) finish('an event is too large');
  };

  if (signal.aborted) {
    finish('stopped');
    return promise;
  }
  signal.addEventListener('abort', onAbort);
  answer.tell({
    data: onData,
    over: (isWhole) => finish(isWhole ? 'the server ended it' : 'the connection broke'),
  });
  return promise;
}

/** What is smaller is not worth counting. */
const LARGE_CHARACTERS = 64 * 1024;
/** Of one object's metadata. */
const bounds = { depth: 64, values: 100_000 };

function parsed(line: string): unknown {
  const found = parseBounded(line, line.length > LARGE_CHARACTERS ? bounds : undefined);
  return found.kind === 'json' ? found.value : undefined;
}
