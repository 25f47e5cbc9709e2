import { one, plugin, type Row } from './row.ts';

const admin = 'kubernetes-admin';
const v1 = 'client.authentication.k8s.io/v1';
const beta = 'client.authentication.k8s.io/v1beta1';
const token = plugin(v1, '"token":"$TOKEN"');

type Parts = { exec?: string; script?: string; name?: string; user?: string };

/** A user with a plugin `plugin` in PATH, of v1, unless it is said otherwise. */
function runs({ exec, script = token, name = 'bin/plugin', user = '' }: Parts): Pick<Row, 'yaml' | 'files'> {
  const fields = exec ?? `apiVersion: ${v1}, command: plugin, interactiveMode: Never`;
  return { yaml: one({ user: `exec: {${fields}}${user}` }), files: { [name]: script } };
}
const command = (path: string) => `apiVersion: ${v1}, command: "${path}", interactiveMode: Never`;
const sh = (text: string) => `#!/bin/sh\n${text}\n`;

/** Users who are told by a plugin who they are. */
export const plugins: readonly Row[] = [
  { title: 'v1', is: admin, ...runs({}) },
  {
    title: 'v1beta1, which need not say how it behaves',
    is: admin,
    ...runs({ exec: `apiVersion: ${beta}, command: plugin`, script: plugin(beta, '"token":"$TOKEN"') }),
  },
  {
    title: 'v1alpha1',
    is: 'file',
    says: /v1 and v1beta1 are supported/,
    ...runs({ exec: 'apiVersion: client.authentication.k8s.io/v1alpha1, command: plugin' }),
  },
  {
    title: 'no apiVersion',
    is: 'file',
    says: /no apiVersion|apiVersion \(none\)/,
    ...runs({ exec: 'command: plugin' }),
  },
  {
    title: 'no command',
    is: 'file',
    says: /names no command/,
    ...runs({ exec: `apiVersion: ${v1}, interactiveMode: Never` }),
  },
  {
    title: 'v1 without interactiveMode',
    is: 'file',
    says: /interactiveMode/,
    ...runs({ exec: `apiVersion: ${v1}, command: plugin` }),
  },
  {
    title: 'an interactiveMode that there is not',
    is: 'file',
    says: /interactiveMode/,
    ...runs({ exec: `apiVersion: ${v1}, command: plugin, interactiveMode: Perhaps` }),
  },
  {
    title: 'interactiveMode Always without a terminal',
    is: 'file',
    kubectl: 'plugin',
    because: 'it is known before anything is asked',
    says: /needs a terminal/,
    ...runs({ exec: `apiVersion: ${v1}, command: plugin, interactiveMode: Always` }),
  },
  {
    title: 'a variable without a name',
    is: 'file',
    says: /env/,
    ...runs({ exec: `${command('plugin')}, env: [{value: x}]` }),
  },
  {
    title: 'variables of its own',
    is: admin,
    ...runs({
      exec: `${command('plugin')}, env: [{name: GREETING, value: hello}]`,
      script: `${sh('[ "$GREETING" = hello ] || exit 9')}${token}`,
    }),
  },
  { title: 'a command beside the kubeconfig', is: admin, ...runs({ exec: command('./plugin'), name: 'plugin' }) },
  {
    title: 'a command in a directory beside it',
    is: admin,
    ...runs({ exec: command('tools/plugin'), name: 'tools/plugin' }),
  },
  {
    title: 'a command by its whole path',
    is: admin,
    ...runs({ exec: command('$HERE/tools/plugin'), name: 'tools/plugin' }),
  },
  {
    title: 'a command that is not there',
    is: 'plugin',
    says: /no-such-plugin.* is not installed/,
    ...runs({ exec: command('no-such-plugin') }),
  },
  {
    title: 'a command whose path is not there',
    is: 'plugin',
    says: /gone.* is not installed|gone.*not there/,
    ...runs({ exec: command('./gone') }),
  },
  {
    title: 'a plugin that fails',
    is: 'plugin',
    says: /ended with 254: An error occurred \(ExpiredToken\)/,
    ...runs({ script: sh("printf '\\nAn error occurred (ExpiredToken) when calling AssumeRole\\n' >&2; exit 254") }),
  },
  {
    title: 'a plugin that gives no JSON',
    is: 'plugin',
    says: /printed no JSON object/,
    ...runs({ script: sh('echo token') }),
  },
  {
    title: 'a plugin that answers in another version',
    is: 'plugin',
    says: /printed no ExecCredential of/,
    ...runs({ script: plugin(beta, '"token":"$TOKEN"') }),
  },
  {
    title: 'a plugin that does not say what kind of object it prints',
    is: admin,
    ...runs({ script: sh(`echo '{"apiVersion":"${v1}","status":{"token":"$TOKEN"}}'`) }),
  },
  {
    title: 'a plugin that prints another kind of object',
    is: 'plugin',
    says: /printed no ExecCredential/,
    ...runs({ script: sh(`echo '{"kind":"Secret","apiVersion":"${v1}","status":{"token":"$TOKEN"}}'`) }),
  },
  {
    title: 'a plugin without a status',
    is: 'plugin',
    says: /neither a token nor/,
    ...runs({ script: sh(`echo '{"kind":"ExecCredential","apiVersion":"${v1}"}'`) }),
  },
  {
    title: 'a plugin with an empty status',
    is: 'plugin',
    says: /neither a token nor/,
    ...runs({ script: plugin(v1, '') }),
  },
  {
    title: 'a plugin that gives half a pair',
    is: 'plugin',
    says: /certificate without its key/,
    ...runs({ script: plugin(v1, '"clientCertificateData":"$CERT_JSON"') }),
  },
  {
    title: 'a plugin that gives half a pair beside a token',
    is: 'plugin',
    says: /certificate without its key/,
    ...runs({ script: plugin(v1, '"token":"$TOKEN","clientCertificateData":"$CERT_JSON"') }),
  },
  {
    title: 'a plugin that gives a certificate and its key',
    is: admin,
    ...runs({ script: plugin(v1, '"clientCertificateData":"$CERT_JSON","clientKeyData":"$KEY_JSON"') }),
  },
  {
    title: 'a plugin that gives no certificate for one',
    is: 'plugin',
    says: /clientCertificateData of plugin holds no certificate/,
    ...runs({ script: plugin(v1, '"clientCertificateData":"x","clientKeyData":"x"') }),
  },
  {
    title: 'a plugin whose token ends with a line break',
    is: admin,
    kubectl: 'broken',
    because: 'what a plugin prints is trimmed, as what a file holds is',
    ...runs({ script: plugin(v1, '"token":"$TOKEN\\n"') }),
  },
  {
    title: 'a plugin whose token holds a line break',
    is: 'plugin',
    kubectl: 'broken',
    because: 'kubectl finds out when it asks',
    says: /line break/,
    ...runs({ script: plugin(v1, '"token":"a\\nb"') }),
  },
  {
    title: 'a plugin that gives no time for one',
    is: 'plugin',
    says: /expirationTimestamp/,
    ...runs({ script: plugin(v1, '"token":"$TOKEN","expirationTimestamp":"tomorrow"') }),
  },
  {
    title: 'a plugin that is to know nothing of the cluster',
    is: admin,
    ...runs({
      script: `${sh('case "$KUBERNETES_EXEC_INFO" in *server*) exit 9;; *interactive*false*) ;; *) exit 8;; esac')}${token}`,
    }),
  },
  {
    title: 'a plugin that is to know the cluster',
    is: admin,
    ...runs({
      exec: `${command('plugin')}, provideClusterInfo: true`,
      script: `${sh('case "$KUBERNETES_EXEC_INFO" in *\'"server":"$SERVER"\'*) ;; *) exit 9;; esac')}${token}`,
    }),
  },
  {
    title: 'a token beside a plugin: the plugin is not run',
    is: admin,
    ...runs({ script: sh('exit 9'), user: ', token: "$TOKEN"' }),
  },
  {
    title: 'a file of a token beside a plugin: the plugin is not run',
    is: 'system:serviceaccount:default:robot',
    ...runs({ script: sh('exit 9'), user: ', tokenFile: "$DIR/account-token"' }),
  },
  {
    title: 'a certificate beside a plugin: the plugin is not run',
    is: admin,
    ...runs({ script: sh('exit 9'), user: ', client-certificate-data: $CERT, client-key-data: $KEY' }),
  },
  {
    title: 'an auth-provider beside a plugin',
    is: 'file',
    says: /auth-provider/,
    ...runs({ user: ', auth-provider: {name: oidc}' }),
  },
  { title: 'a plugin on behalf of somebody', is: 'jane', ...runs({ user: ', as: jane' }) },
];
