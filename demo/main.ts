import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startAws } from '../emulators/aws/server.ts';
import { startKubernetes } from '../emulators/kubernetes/index.ts';
import { pullImage } from '../emulators/registry/client.ts';
import { startRegistry } from '../emulators/registry/server.ts';

const HELP = `Shows the program at work on this machine: a Kubernetes API, AWS and a registry are emulated.

  npm run demo [-- options]

  --once   end after the pass, instead of staying up to be looked at with kubectl
  --help   this text
`;

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { once: { type: 'boolean' }, help: { type: 'boolean' } } });
if (values.help === true) say(HELP);
else process.exitCode = await demo(values.once === true);

async function demo(once: boolean): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-demo-'));
  const [kubernetes, aws] = await Promise.all([startKubernetes(), startAws()]);
  const registry = await startRegistry({ accepts: (user, password) => user === 'AWS' && aws.isTokenValid(password) });
  try {
    for (const name of ['shop', 'billing']) kubernetes.createNamespace(name, { credentialType: 'ecr' });
    kubernetes.createNamespace('unrelated', {});
    const kubeconfig = join(directory, 'kubeconfig');
    await writeFile(kubeconfig, kubernetes.kubeconfig(), { mode: 0o600 });
    say('Three namespaces: shop and billing carry the label credentialType=ecr, unrelated does not.\n');
    say('$ ecr-cred-helper');
    const code = await runProgram(kubeconfig, aws);
    say(`\nIt ended with exit code ${code}. What stands there now:\n`);
    for (const name of ['shop', 'billing', 'unrelated'])
      say(`  ${name.padEnd(10)} ${inWords(kubernetes.getSecret(name, 'ecr-creds'))}`);
    const pulled = await pull(kubernetes.getSecret('shop', 'ecr-creds'), registry);
    say(`\nPulling demo/hello:1.0 with the pull secret of shop: ${pulled ? 'worked' : 'FAILED'}.`);
    if (!once) await look(kubeconfig);
    return code === 0 && pulled ? 0 : 1;
  } finally {
    await Promise.all([kubernetes.close(), aws.close(), registry.close()]);
    await rm(directory, { recursive: true, force: true });
  }
}

async function runProgram(kubeconfig: string, aws: Awaited<ReturnType<typeof startAws>>): Promise<number | null> {
  const child = spawn(process.execPath, [join(root, 'src/main.ts')], {
    stdio: 'inherit',
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      TERM: process.env['TERM'],
      KUBECONFIG: kubeconfig,
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: aws.defaults.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.defaults.secretAccessKey,
      AWS_DEFAULT_REGION: 'us-east-1',
    },
  });
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once('close', resolve);
  return promise;
}

/** A pull with nothing but what the secret holds; the registry of the demo stands where ECR would. */
async function pull(secret: unknown, registry: Awaited<ReturnType<typeof startRegistry>>): Promise<boolean> {
  const [login] = Object.values<object>(JSON.parse(dockerConfigOf(secret)).auths);
  const image = registry.images[0];
  if (login === undefined || image === undefined) return false;
  const config = JSON.stringify({ auths: { [registry.host]: login } });
  const result = await pullImage(`${registry.host}/demo/hello:1.0`, config, 'http');
  if (!result.ok) say(`HTTP ${result.status}: ${result.why}`);
  return result.ok;
}

async function look(kubeconfig: string): Promise<void> {
  say(`
It stays up until Ctrl-C. In another terminal:

  export KUBECONFIG=${kubeconfig}
  kubectl get namespaces -L credentialType
  kubectl get secrets -A
  kubectl -n shop describe secret ecr-creds
`);
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => resolve());
  await promise;
}

function inWords(secret: unknown): string {
  if (secret === undefined) return 'no pull secret';
  // The emulator answers a Secret as Kubernetes has it.
  const { annotations = {} } = (secret as { metadata: { annotations?: Record<string, string> } }).metadata;
  const { 'ecr-cred-helper/registries': hosts = '', 'ecr-cred-helper/expires-at': expiresAt = '' } = annotations;
  return `ecr-creds for ${hosts}, expires ${expiresAt}`;
}

function dockerConfigOf(secret: unknown): string {
  // As above.
  const data = (secret as { data: Record<string, string> }).data['.dockerconfigjson'] ?? '';
  return Buffer.from(data, 'base64').toString('utf8');
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
