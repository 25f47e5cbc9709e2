import type { TlsOptions } from '../http/dial.ts';

/** Where the API server is and how to speak to it: what a service account or a kubeconfig comes down to. */
export type Connection = {
  /** May end in a path that goes before every request's (`https://rancher.example/k8s/clusters/c-1`). */
  readonly server: URL;
  /** Already decided: `proxy-url` of the kubeconfig, else what the environment says. */
  readonly proxy: URL | undefined;
  /** Who issues its credentials, where somebody has to be asked: a plugin, a provider. */
  readonly issuer?: string;
  /** Of the context of a kubeconfig, where it names one. */
  readonly namespace?: string;
  /** Whether it is the way of a pod, with its service account. */
  readonly isOfPod?: boolean;
  /** Why no credentials are sent, where none are. */
  readonly anonymous?: string;
  /**
   * What the next request is sent with. The same object as long as nothing changed; `tls` too.
   * @throws with a message that is safe to show when they cannot be had.
   */
  credentials(): Credentials | Promise<Credentials>;
  /**
   * Other credentials than `refused`, which the server did not take or which do not trust it; `undefined` where there
   * are none. Reads files again and runs plugins again, though not for each of many requests refused at once.
   * @throws as `credentials` does.
   */
  renewed(refused: Credentials): Promise<Credentials | undefined>;
};

export type Credentials = {
  /** `authorization` and impersonation. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly tls: TlsOptions;
};

/** How long credentials read from files are used before they are read again; client-go waits as long. */
export const REREAD_AFTER_MS = 60_000;

/** A header's value as Node takes it: bytes of UTF-8, each as a character, as Go's clients send it. */
export function asHeader(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/**
 * A token, where it can be one.
 * @param what it is, for the message.
 * @throws for one that HTTP cannot carry, or that no server issues.
 */
export function sendable(token: string, what: string): string {
  const [odd] = /[^\x21-\x7e]/u.exec(token) ?? [];
  if (odd === undefined) return token;
  if (/[\r\n]/.test(odd)) throw new Error(`${what} holds a line break`);
  if (odd === ' ') throw new Error(`${what} holds a space`);
  const code = odd.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  throw new Error(`${what} holds the character U+${code}, which no token has`);
}
