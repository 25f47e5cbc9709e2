/**
 * A kubeconfig, and what comes of it:
 * - a user's name: the server answers, and takes the caller for that user;
 * - `unauthorized`: it does not take the credentials;
 * - `HTTP 404` and the like: what else it answers;
 * - `file`: nothing is asked, since the configuration cannot be used;
 * - `plugin`: there are no credentials, from a plugin or at all;
 * - `untrusted`: the server's certificate is not trusted;
 * - `broken`: there is no connection, or what is to be sent cannot be;
 * - `asks`: kubectl asks whoever sits there who he is.
 *
 * `$NAME` stands for what the stage has under that name (`Values`).
 */
export type Row = {
  title: string;
  is: string;
  /** What kubectl makes of it where that is something else, on purpose. */
  kubectl?: string;
  because?: string;
  /** What we say of it. */
  says?: RegExp;
  yaml: string;
  /** Beside it, by path; those in `bin` are run. */
  files?: Readonly<Record<string, string>>;
  /** `kubectl config view --minify` makes nothing of it, though kubectl does. */
  isUnviewed?: true;
  /** Instead of the file: the value of KUBECONFIG. */
  variable?: string;
  flags?: Readonly<Partial<Record<'kubeconfig' | 'context', string>>>;
  env?: Readonly<Record<string, string>>;
};

/** A plugin that issues this (members of an object of JSON). */
export function plugin(apiVersion: string, status: string): string {
  return `#!/bin/sh
cat <<'END'
{"kind":"ExecCredential","apiVersion":"${apiVersion}","status":{${status}}}
END
`;
}

/** A kubeconfig of one cluster, one user with a token and one context, of which one thing is other than usual. */
export function one({
  cluster = 'server: "$SERVER", certificate-authority-data: $CA',
  user = 'token: "$TOKEN"',
}: { cluster?: string; user?: string } = {}): string {
  return `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {${cluster}}}]
users: [{name: u, user: {${user}}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`;
}
