import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Outcome } from './ours.ts';
import type { Placed } from './stage.ts';

/** What kubectl's words mean; the first that fits. */
const meanings: readonly [RegExp, string][] = [
  [/^(?:Please enter .*)?error: EOF/, 'asks'],
  [/Unauthorized|asked for the client to provide credentials/, 'unauthorized'],
  [/User "system:anonymous"/, 'anonymous'],
  [/getting credentials|No valid id-token/, 'plugin'],
  [/x509:|tls: failed to verify/, 'untrusted'],
  [/could not find the requested resource|API is not enabled/, 'HTTP 404'],
  [/HTTP request to an HTTPS server/, 'HTTP 400'],
  [/dial tcp|refused|EOF|reset|invalid header field|unsupported protocol scheme|socks connect|transport/, 'broken'],
];

type Kubectl = { kubectl: string; directory: string };

/** What the current context comes down to for kubectl. */
export async function viewed(from: Kubectl, placed: Placed): Promise<View> {
  const { stdout } = await run(from, placed, ['config', 'view', '--minify', '--raw', '-o', 'json']);
  const view: {
    'current-context': string;
    clusters: { name: string; cluster: { server: string } }[];
    users: { name: string; user: { token?: string } }[] | null;
  } = JSON.parse(stdout);
  const [cluster, user] = [view.clusters[0], view.users?.[0]];
  return {
    context: view['current-context'],
    cluster: cluster?.name,
    server: cluster?.cluster.server,
    user: user?.name,
    token: user?.user.token,
  };
}

export type View = { context: string } & Record<'cluster' | 'server' | 'user' | 'token', string | undefined>;

/** What kubectl makes of a kubeconfig. */
export async function kubectls(from: Kubectl, placed: Placed): Promise<Outcome> {
  const { code, stdout, says } = await run(from, placed, ['auth', 'whoami', '-o', 'json', '--request-timeout=10s']);
  if (code === 0) {
    const { userInfo } = (JSON.parse(stdout) as { status: { userInfo: { username: string } } }).status; // a SelfSubjectReview
    return { is: userInfo.username, says, userInfo };
  }
  return { is: meanings.find(([words]) => words.test(says))?.[1] ?? 'file', says };
}

async function run(
  { kubectl, directory }: Kubectl,
  { env, variable, kubeconfig, context }: Placed,
  args: readonly string[],
) {
  const flags = [
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
    ...(context === undefined ? [] : [`--context=${context}`]),
  ];
  const child = spawn(kubectl, [...args, ...flags], {
    cwd: directory,
    env: { ...env, KUBECONFIG: variable },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
  });
  let [stdout, says] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (says += chunk.toString()));
  await once(child, 'close');
  return { code: child.exitCode, stdout, says };
}
