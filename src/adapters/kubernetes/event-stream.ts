import type { IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import type { WatchEnd } from '../../ports.ts';

/** Metadata of one object is at most about 1 MiB by the API server's own limits. */
const MAX_LINE_CHARACTERS = 2 * 1024 * 1024;

/**
 * Reads a watch: one JSON document a line. Resolves when the stream ends, for whatever reason, or with `signal`; the
 * response is destroyed then.
 */
export function readEvents(
  response: IncomingMessage,
  onEvent: (event: unknown) => void,
  signal: AbortSignal,
): Promise<WatchEnd> {
  const { promise, resolve } = Promise.withResolvers<WatchEnd>();
  const decoder = new StringDecoder('utf8');
  let rest = '';

  const finish = (why: string) => {
    signal.removeEventListener('abort', onAbort);
    response.removeListener('data', onData);
    response.destroy();
    resolve({ kind: 'ended', why });
  };
  const onAbort = () => finish('stopped');
  const onData = (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() === '') continue;
      const event = parsed(line);
      if (event === undefined) return finish('an event is no JSON');
      onEvent(event);
      if (signal.aborted) return;
    }
    if (rest.length > MAX_LINE_CHARACTERS) finish('an event is too large');
  };

  if (signal.aborted) {
    finish('stopped');
    return promise;
  }
  signal.addEventListener('abort', onAbort);
  response.on('data', onData);
  response.on('end', () => finish('the server ended it'));
  response.on('error', () => finish('the connection broke'));
  response.on('close', () => finish('the connection broke'));
  return promise;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
