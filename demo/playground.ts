import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { startAws } from '../emulators/aws/server.ts';
import { createAuthority } from '../emulators/certificates.ts';
import { startKubernetes } from '../emulators/kubernetes/index.ts';
import { startNodes } from '../emulators/nodes/index.ts';
import { pullImage } from '../emulators/registry/client.ts';
import { startConnectProxy } from '../emulators/registry/connect-proxy.ts';
import { startRegistry } from '../emulators/registry/server.ts';
import { bundledTool } from '../test/support/bundled-tools.ts';

const source = join(import.meta.dirname, '../src/main.ts');
const registries = /\d{12}\.dkr\.ecr\.[\w-]+\.amazonaws\.com/g;

export type Playground = Awaited<ReturnType<typeof startPlayground>>;

/**
 * A cluster with a node, AWS and its registries on this machine, and what somebody needs to use them: kubectl, the program under
 * the names that it has when it is installed, a kubeconfig, a key.
 * @param backOffMs how long the node waits after the first pull that failed.
 * @param main the file that is the program.
 */
export async function startPlayground(backOffMs = 1000, main = source) {
  const directory = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-demo-'));
  const [kubernetes, aws] = await Promise.all([startKubernetes({ namespaceDeletionMs: 100 }), startAws()]);
  const accepts = (user: string, password: string) => user === 'AWS' && aws.isTokenValid(password);
  const authority = await createAuthority('the CA of the playground');
  const hosts = ['us-east-1', 'eu-west-1', 'eu-central-1'].map((region) => `*.dkr.ecr.${region}.amazonaws.com`);
  const certificate = await authority.issue({ commonName: 'registry', hosts });
  const [plain, tls] = await Promise.all([startRegistry({ accepts }), startRegistry({ accepts, tls: certificate })]);
  const proxy = await startConnectProxy({ route: (to) => (to.endsWith('.amazonaws.com:443') ? tls.host : undefined) });
  const file = async (name: string, text: string) => {
    await writeFile(join(directory, name), text, { mode: 0o600 });
    return join(directory, name);
  };
  // The way to the registries, for whoever runs the program here and for its pods.
  const route = { AWS_CA_BUNDLE: await file('ca.pem', authority.ca), HTTPS_PROXY: proxy.url, NO_PROXY: '127.0.0.1' };
  const nodes = startNodes({
    kubernetes,
    pull: (image, config) =>
      pullImage(image.replace(registries, plain.host), config.replaceAll(registries, plain.host)),
    program: { image: 'ghcr.io/ecr-cred-helper/ecr-cred-helper', command: [process.execPath, main] },
    env: { AWS_ENDPOINT_URL: aws.url, AWS_EC2_METADATA_DISABLED: 'true', ...route },
    directory,
    backOffMs,
  });
  const { accessKeyId, secretAccessKey } = aws.defaults;
  const key = `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
  return {
    kubernetes,
    aws,
    directory,
    /** A key for the program in the cluster, as `~/.aws/credentials` has it. */
    keyFile: await file('ecr-credentials', key),
    /** What is exported to use all of it by hand. */
    variables: {
      PATH: [await programs(join(directory, 'bin'), main), ...(await kubectl()), process.env['PATH']].join(delimiter),
      KUBECONFIG: await file('kubeconfig', kubernetes.kubeconfig()),
      AWS_ENDPOINT_URL: aws.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      ...route,
    },
    async close() {
      await nodes.close();
      await Promise.all([kubernetes.close(), aws.close(), plain.close(), tls.close(), proxy.close()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The program under the names that a shell and kubectl look for. */
async function programs(directory: string, main: string): Promise<string> {
  await mkdir(directory);
  for (const name of ['ecr-cred-helper', 'kubectl-ecr_creds', 'kubectl_complete-ecr_creds']) {
    const path = join(directory, name);
    // It sees by the name of the file how it was called.
    await writeFile(`${path}.ts`, `import ${JSON.stringify(main)};\n`);
    await writeFile(path, `#!/bin/sh\nexec "${process.execPath}" "${path}.ts" "$@"\n`);
    await chmod(path, 0o755);
  }
  return directory;
}

/** Where the project brings a kubectl, its folder; elsewhere that of the machine is used. */
async function kubectl(): Promise<string[]> {
  const isBrought = process.platform === 'linux' && process.arch === 'x64';
  return isBrought ? [dirname(await bundledTool('kubectl'))] : [];
}
