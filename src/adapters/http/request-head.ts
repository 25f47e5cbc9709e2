import { authorityOf, forwarderOf, proxyHeaders, type Way } from './dial.ts';

/** A request, before it has a connection. */
export type Wanted = {
  method: string;
  /** With its query: `/api/v1/namespaces?limit=500`. */
  path: string;
  /** Names in lower case. `host` and `content-length` are added where they are not among them. */
  headers: Readonly<Record<string, string | readonly string[]>>;
  body: Buffer | undefined;
  /** It goes over a connection of its own, which is closed afterwards and counts for nothing. */
  isAlone?: boolean;
};

/**
 * The head of a request, with the empty line after it; each character is a byte.
 * @throws Error for what HTTP cannot carry.
 */
export function requestHead(way: Way, { method, path, headers, body }: Wanted): string {
  const authority = authorityOf(way.target);
  const forwarder = forwarderOf(way);
  const target = forwarder === undefined ? path : `http://${authority}${path}`;
  if (!/^[\x21-\x7e]+$/.test(target)) throw new Error('Invalid character in the path');
  let text = `${method} ${target} HTTP/1.1\r\n`;
  if (headers['host'] === undefined) text += `host: ${authority}\r\n`;
  text += linesOfAll(headers);
  if (forwarder !== undefined) text += linesOfAll(proxyHeaders(forwarder));
  if (body !== undefined && headers['content-length'] === undefined) text += `content-length: ${body.length}\r\n`;
  return `${text}\r\n`;
}

function linesOfAll(headers: Wanted['headers']): string {
  let text = '';
  for (const name in headers) text += linesOf(name, headers[name] ?? []);
  return text;
}

function linesOf(name: string, values: string | readonly string[]): string {
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) throw new Error(`Invalid character in the name of a header`);
  let text = '';
  for (const value of typeof values === 'string' ? [values] : values) {
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) throw new Error(`Invalid character in header ${name}`);
    text += `${name}: ${value}\r\n`;
  }
  return text;
}
