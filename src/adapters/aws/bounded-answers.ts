import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';

/** Tokens and credentials are some kilobytes. */
const MOST_BODY_BYTES = 1024 * 1024;

/** What the SDK holds of each part of a body, however small it is, is larger. */
const LEAST_PART_BYTES = 256;

let isBounding = false;

/**
 * Bounds the answers to the requests of the AWS SDK, which reads every body to its end, those of Pod Identity and of
 * instance metadata among them, whose clients cannot be given a handler. Node tells of each answer here before its body
 * is read. A request whose `user-agent` begins with the program's own name is the program's, and bounded where it is read.
 */
export function boundAnswers(): void {
  if (isBounding) return;
  isBounding = true;
  subscribe('http.client.response.finish', (message) => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    if (!String(request.getHeader('user-agent')).startsWith('ecr-cred-helper/')) bound(response);
  });
}

function bound(response: IncomingMessage): void {
  const push = response.push.bind(response);
  let size = 0;
  response.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    size += chunk === null ? 0 : Math.max(LEAST_PART_BYTES, chunk.length);
    if (size <= MOST_BODY_BYTES) return push(chunk, encoding);
    response.destroy(Object.assign(new Error('the answer is larger than 1 MiB'), { name: 'AnswerTooLarge' }));
    return false;
  };
}
