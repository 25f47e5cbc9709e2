import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { LEAST_PART_BYTES, MOST_ANSWER_BYTES } from './requests.ts';

let isBounding = false;

/**
 * Bounds the answers of Pod Identity and of instance metadata, which the SDK reads to their end with clients that cannot be given a
 * handler: Node tells of each answer here before its body is read. Nobody else asks with Node's HTTP client.
 */
export function boundAnswers(): void {
  if (isBounding) return;
  isBounding = true;
  subscribe('http.client.response.finish', (message) => bound((message as { response: IncomingMessage }).response));
}

function bound(response: IncomingMessage): void {
  const push = response.push.bind(response);
  let size = 0;
  response.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    size += chunk === null ? 0 : Math.max(LEAST_PART_BYTES, chunk.length);
    if (size <= MOST_ANSWER_BYTES) return push(chunk, encoding);
    response.destroy(Object.assign(new Error('the answer is larger than 1 MiB'), { name: 'AnswerTooLarge' }));
    return false;
  };
}
