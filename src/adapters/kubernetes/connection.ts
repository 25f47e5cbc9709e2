import type { TlsOptions } from '../http/proxied-agent.ts';

/** Where the API server is and how to speak to it: what a service account or a kubeconfig comes down to. */
export type Connection = {
  /** May end in a path that goes before every request's (`https://rancher.example/k8s/clusters/c-1`). */
  readonly server: URL;
  /** Already decided: `proxy-url` of the kubeconfig, else what the environment says. */
  readonly proxy: URL | undefined;
  /** Who issues its credentials, where somebody has to be asked: a plugin, a provider. */
  readonly issuer?: string;
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
