import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

import { registryError } from './auth.ts';

/**
 * Passes a request on to another registry and its answer back, both as they stream. The login stays here; the host that
 * the client asked for goes along, since a registry builds the addresses of uploads from it.
 */
export async function passOn(
  upstream: URL,
  scheme: 'http' | 'https',
  message: IncomingMessage,
  response: ServerResponse,
): Promise<number> {
  const { authorization: _, ...headers } = message.headers;
  const outgoing = httpRequest(new URL(message.url ?? '/', upstream), {
    method: message.method ?? 'GET',
    headers: { ...headers, 'x-forwarded-proto': scheme },
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
  });
  try {
    // The answer may come before the request has been read whole, and is then the one that counts.
    const sent = pipeline(message, outgoing).catch(() => undefined);
    const answer = await answered;
    const status = answer.statusCode ?? 502;
    response.writeHead(status, answer.headers);
    await pipeline(answer, response);
    await sent;
    return status;
  } catch (error) {
    outgoing.destroy();
    if (response.headersSent) throw error;
    const { status, headers: errorHeaders, body } = registryError(502, 'UNAVAILABLE', 'The upstream registry is down');
    response.writeHead(status, errorHeaders).end(body);
    return status;
  }
}
