import { one, type Row } from './row.ts';

const admin = 'kubernetes-admin';
const robot = 'system:serviceaccount:default:robot';

/** As every k3s writes it: everything is called default. */
const named = (token: string, more = 'current-context: default') => `
clusters: [{name: default, cluster: {server: "$SERVER", certificate-authority-data: $CA}}]
users: [{name: default, user: {token: "${token}"}}]
contexts: [{name: default, context: {cluster: default, user: default}}]
${more}
`;
const unused = 'a file with an entry that nobody uses';

/** Which files are read, and what becomes of several. */
export const files: readonly Row[] = [
  {
    title: 'the same names in two files: the first counts',
    is: robot,
    yaml: '',
    files: { a: named('$ACCOUNT_TOKEN'), b: named('$TOKEN') },
    variable: '$HERE/a:$HERE/b',
  },
  { title: 'the same file twice', is: admin, yaml: one(), variable: '$HERE/config:$HERE/config' },
  {
    title: 'an empty file, /dev/null, one of comments, one that is not there and an empty part in the list',
    is: admin,
    yaml: one(),
    files: { empty: '', comments: '# nothing yet\n' },
    variable: '$HERE/empty:/dev/null::$HERE/comments:$HERE/none:$HERE/config',
  },
  {
    title: 'clusters, users and contexts in three files, each with paths of its own',
    is: robot,
    yaml: '',
    files: {
      'a/clusters': 'clusters: [{name: c, cluster: {server: "$SERVER", certificate-authority: ca.crt}}]',
      'a/ca.crt': '$CA_PEM',
      'b/users': 'users: [{name: u, user: {tokenFile: ../secrets/token}}]',
      'secrets/token': '$ACCOUNT_TOKEN\n',
      contexts: 'contexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x',
    },
    variable: '$HERE/a/clusters:$HERE/b/users:$HERE/contexts',
  },
  {
    title: 'a current context in the second file alone',
    is: admin,
    yaml: '',
    files: { a: named('$TOKEN', ''), b: 'current-context: default' },
    variable: '$HERE/a:$HERE/b',
  },
  {
    title: 'a context that is asked for',
    is: robot,
    yaml: one()
      .replace('contexts: [', 'contexts: [{name: other, context: {cluster: c, user: robot}}, ')
      .replace('users: [', 'users: [{name: robot, user: {token: "$ACCOUNT_TOKEN"}}, '),
    flags: { context: 'other' },
  },
  {
    title: 'a context that is not there',
    is: 'file',
    says: /no context named gone; it has x/,
    yaml: one(),
    flags: { context: 'gone' },
  },
  {
    title: 'no current context',
    is: 'file',
    kubectl: 'broken',
    because: 'kubectl goes on to localhost:8080, where nobody has meant anything',
    says: /no context named \(none is set\); it has x/,
    yaml: one().replace('current-context: x', ''),
  },
  {
    title: 'a context without a name, where none is asked for',
    is: admin,
    isUnviewed: true,
    yaml: one().replace('current-context: x', '').replace('{name: x, context', '{context'),
  },
  {
    title: 'a context whose name is a number',
    is: 'file',
    says: /current-context is no text/,
    yaml: one().replace('current-context: x', 'current-context: 1').replace('{name: x, context', '{name: 1, context'),
  },
  {
    title: 'none of the files',
    is: 'file',
    kubectl: 'broken',
    because: 'kubectl goes on to localhost:8080',
    says: /there is no such file/,
    yaml: '',
    variable: '$HERE/none:$HERE/neither',
  },
  {
    title: 'a file that is named by the flag and not there',
    is: 'file',
    says: /no such file/,
    yaml: one(),
    flags: { kubeconfig: '$HERE/none' },
  },
  {
    title: 'a file that is named by the flag, beside another in KUBECONFIG',
    is: robot,
    yaml: one(),
    files: { named: named('$ACCOUNT_TOKEN') },
    flags: { kubeconfig: '$HERE/named' },
  },
  { title: 'a directory', is: 'file', says: /EISDIR|directory/, yaml: one(), variable: '$HERE' },
  {
    title: 'the content of a kubeconfig where its path belongs',
    is: 'file',
    says: /^KUBECONFIG \(--kubeconfig\) holds the content of a kubeconfig/,
    yaml: '',
    variable: one(),
  },
  {
    title: 'the content of a kubeconfig in base64, as CI systems keep it',
    is: 'file',
    says: /^KUBECONFIG \(--kubeconfig\) holds the content of a kubeconfig/,
    yaml: '',
    variable: '$ONE_BASE64',
  },
  {
    title: 'what is no YAML',
    is: 'file',
    says: /it is not YAML: [a-z ]+ \(line \d\)$/,
    yaml: 'users:\n - {secret-of-mine\n',
  },
  { title: 'YAML that is no kubeconfig', is: 'file', says: /it holds no kubeconfig/, yaml: 'just words' },
  {
    title: 'another kind of object',
    is: 'file',
    says: /it is no kubeconfig: its kind is Secret/,
    yaml: 'apiVersion: v1\nkind: Secret\ndata: {}',
  },
  { title: 'several documents in one file: the first counts', is: admin, yaml: `${one()}\n---\nclusters: []\n` },
  { title: 'a byte order mark', is: admin, yaml: `\uFEFF${one()}` },
  { title: 'line breaks of Windows', is: admin, yaml: one().replaceAll('\n', '\r\n') },
  {
    title: 'anchors and merge keys',
    is: admin,
    yaml: one()
      .replace('user: {token', 'user: {<<: *login, other')
      .replace('kind: Config', 'kind: Config\nx-login: &login {token: "$TOKEN"}'),
  },
  {
    title: `${unused}: a context without a cluster`,
    is: admin,
    yaml: one().replace('contexts: [', 'contexts: [{name: old, context: {user: gone, namespace: shop}}, '),
  },
  {
    title: `${unused}: an empty cluster`,
    is: admin,
    yaml: one().replace('clusters: [', 'clusters: [{name: old, cluster: {}}, '),
  },
  {
    title: `${unused}: a cluster with a name alone`,
    is: admin,
    yaml: one().replace('clusters: [', 'clusters: [{name: old}, '),
  },
  {
    title: `${unused}: a user without a name`,
    is: admin,
    yaml: one().replace('users: [', 'users: [{user: {token: x}}, '),
  },
  {
    title: `${unused}: a user whose files are gone`,
    is: admin,
    yaml: one().replace(
      'users: [',
      'users: [{name: old, user: {tokenFile: /none, client-certificate: /none, client-key: /none}}, ',
    ),
  },
  {
    title: `${unused}: a number where a text belongs`,
    is: admin,
    kubectl: 'file',
    because: 'one mistyped entry is no reason to leave the cluster that is meant',
    yaml: one().replace('users: [', 'users: [{name: old, user: {token: 12345}}, '),
  },
  {
    title: 'the same name twice in one file',
    is: 'file',
    says: /user u stands there twice/,
    yaml: one().replace('users: [', 'users: [{name: u, user: {token: x}}, '),
  },
  { title: 'a key twice in one entry: the last counts', is: admin, yaml: one({ user: 'token: x, token: "$TOKEN"' }) },
  {
    title: 'lists that are null',
    is: 'file',
    kubectl: 'broken',
    because: 'kubectl goes on to localhost:8080, where nobody has meant anything',
    says: /names the cluster c, which is not in it/,
    yaml: 'clusters: null\nusers: null\ncontexts: [{name: x, context: {cluster: c}}]\ncurrent-context: x',
  },
  {
    title: 'a list that is a map',
    is: 'file',
    says: /users is no list/,
    yaml: one().replace(/users: .*/, 'users: {u: {token: x}}'),
  },
  {
    title: 'a context whose cluster is not there',
    is: 'file',
    kubectl: 'broken',
    because: 'kubectl goes on to localhost:8080, where nobody has meant anything',
    says: /names the cluster c, which is not in it/,
    yaml: one().replace('{name: c, cluster', '{name: d, cluster'),
  },
  {
    title: 'a context whose user is not there',
    is: 'file',
    kubectl: 'asks',
    because: 'kubectl asks for a user and a password, which API servers take no more',
    says: /names the user u, which is not in it/,
    yaml: one().replace('{name: u, user', '{name: v, user'),
  },
];
