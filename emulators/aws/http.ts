import type { IncomingMessage } from 'node:http';

/** One request, read whole. Header names are in lower case, several values of a name in order of arrival. */
export type Request = {
  method: string;
  path: string;
  query: string;
  headers: ReadonlyMap<string, readonly string[]>;
  body: Buffer;
};

/** One answer, before the headers that all answers carry. */
export type Reply = { status: number; contentType: string; body: string; headers?: Record<string, string> };

const BODY_LIMIT_BYTES = 256 * 1024;

/** Reads a request whole; throws where its body is over 256 KiB, far above what these services accept. */
export async function readRequest(message: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of message) {
    // Without an encoding set, a request yields buffers only.
    const bytes = chunk as Buffer;
    sizeBytes += bytes.length;
    if (sizeBytes > BODY_LIMIT_BYTES) throw new Error(`request body is over ${BODY_LIMIT_BYTES} bytes`);
    chunks.push(bytes);
  }
  const [path = '/', query = ''] = (message.url ?? '/').split('?', 2);
  return { method: message.method ?? 'GET', path, query, headers: headersOf(message), body: Buffer.concat(chunks) };
}

/** The first value of a header, or nothing. */
export function header(request: Request, name: string): string | undefined {
  return request.headers.get(name)?.[0];
}

function headersOf(message: IncomingMessage): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (let index = 0; index + 1 < message.rawHeaders.length; index += 2) {
    const name = (message.rawHeaders[index] ?? '').toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), message.rawHeaders[index + 1] ?? '']);
  }
  return headers;
}
