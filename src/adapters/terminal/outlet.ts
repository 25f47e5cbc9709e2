import type { SafeText, Sink } from '../../core/text/sink.ts';
import type { TextStream } from './text.ts';

/** What waits for a reader that does not read; beyond that it is lost rather than kept in memory. */
const MOST_WAITING_CHARACTERS = 1024 * 1024;

/** A standard stream of the process, as far as the program writes to it. */
export type Outlet = TextStream & {
  readonly rows?: number | undefined;
  /** Resolves when there is room for more, or nobody reads. */
  told(text: SafeText): Promise<void>;
  /** Resolves when all is written, or after so long. */
  flushed(limitMs: number): Promise<void>;
  /** Aborts when nobody reads any more what is written. */
  unread: AbortSignal;
};

/**
 * Takes a standard stream over: from now on what others write to it (packages, Node with `NODE_DEBUG`) passes the sink,
 * line by line. A reader that went away or a full disk loses what is said, and stops nothing.
 */
export function takeOver(stream: NodeJS.WriteStream, sink: Sink): Outlet {
  const send = stream.write.bind(stream);
  const unread = new AbortController();
  stream.on('error', () => unread.abort('OutputClosed'));
  const write = (text: SafeText, done: () => void = nothing): void => {
    if (unread.signal.aborted || stream.writableLength > MOST_WAITING_CHARACTERS) done();
    else send(text, () => done());
  };
  const foreign = (chunk: unknown, ...rest: unknown[]): boolean => {
    const lines = String(chunk).replace(/\n$/, '').split('\n');
    const done = rest.find((each) => typeof each === 'function');
    write(sink.lines(lines, false), () => done?.());
    return true;
  };
  Object.assign(stream, { write: foreign });
  return {
    write,
    get isTTY() {
      return stream.isTTY;
    },
    get columns() {
      return stream.columns;
    },
    get rows() {
      return stream.rows;
    },
    told: (text) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      unread.signal.addEventListener('abort', () => resolve(), { once: true });
      if (unread.signal.aborted) resolve();
      else send(text, () => resolve());
      return promise;
    },
    flushed: (limitMs) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      // Who reads nothing would hold the process; no clock is passed in for what comes after the work.
      setTimeout(resolve, limitMs);
      send('', () => resolve());
      return promise;
    },
    unread: unread.signal,
  };
}

function nothing(): void {
  // Nobody waits.
}
