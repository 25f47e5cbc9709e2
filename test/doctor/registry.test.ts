import { once } from 'node:events';
import { createServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startConnectProxy } from '../../emulators/registry/connect-proxy.ts';
import { host, isGolden, servedStage, type Stage } from './stage.ts';

describe('doctor, of the registry', () => {
  let stage: Stage;
  before(async () => {
    stage = await servedStage();
  });
  after(() => stage.close());

  it('names a registry that refuses the token', async () => {
    stage.door.open = false;
    try {
      await isGolden('registry-refuses', (more) => stage.doctor(more));
    } finally {
      stage.door.open = true;
    }
  });

  it('names one that cannot be reached through the proxy', async () =>
    isGolden('registry-unreachable', (more) => stage.doctor(more, { HTTPS_PROXY: 'http://user:hidden@127.0.0.1:1' })));

  it('names one whose certificate is not trusted', async () => {
    const bundle = join(stage.directory, 'ca.crt'); // the API server's
    await isGolden('registry-untrusted', (more) => stage.doctor(more, { AWS_CA_BUNDLE: bundle }));
  });

  it('names one that does not answer in time', () =>
    withTcp(async (port) => {
      const proxy = await startConnectProxy({ route: () => `127.0.0.1:${port}` });
      try {
        const limit = ['--request-timeout', '4s'];
        await isGolden('registry-timed-out', (more) => stage.doctor([...limit, ...more], { HTTPS_PROXY: proxy.url }));
      } finally {
        await proxy.close();
      }
    }));

  it('names one that is unwell', () =>
    withRegistry(
      stage,
      () => [503, 'upstream connect error'],
      async (env) => isGolden('registry-unwell', (more) => stage.doctor(more, env)),
    ));

  describe('asked for an image', () => {
    const images: [says: string, image: string, golden: string][] = [
      ['says that it can be pulled', `${host}/demo/hello:1.0`, 'image-pullable'],
      ['names a tag that is missing', `${host}/demo/hello:2.0`, 'image-missing'],
      ['names a repository that is missing', `${host}/demo/nobody:1.0`, 'image-no-repository'],
      [
        'names a registry that the secret is not for',
        '999999999999.dkr.ecr.us-east-1.amazonaws.com/a:1',
        'image-elsewhere',
      ],
      ['names what is no image of ECR', 'docker.io/library/nginx', 'image-invalid'],
    ];
    for (const [says, image, golden] of images) {
      it(says, async () => isGolden(golden, (more) => stage.doctor(['--image', image, ...more])));
    }

    it('names the actions that are missing where the pull is denied', () =>
      withRegistry(
        stage,
        (path) =>
          path === '/v2/'
            ? [200, '{}']
            : [403, JSON.stringify({ errors: [{ code: 'DENIED', message: 'User: arn is not authorized' }] })],
        async (env) =>
          isGolden('image-denied', (more) => stage.doctor(['--image', `${host}/demo/hello:1.0`, ...more], env)),
      ));
  });
});

/** A registry that answers as it is told, under the name of the account's own. */
async function withRegistry(
  { certificate }: Stage,
  answer: (path: string) => [status: number, body: string],
  use: (env: Record<string, string>) => Promise<void>,
): Promise<void> {
  const server = createServer(certificate, (request, response) => {
    const [status, body] = answer(request.url ?? '');
    response.writeHead(status, { 'content-type': body.startsWith('{') ? 'application/json' : 'text/plain' }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await startConnectProxy({ route: () => `127.0.0.1:${portOf(server.address())}` });
  try {
    await use({ HTTPS_PROXY: proxy.url });
  } finally {
    await proxy.close();
    server.closeAllConnections();
    server.close();
  }
}

/** A server that takes connections and says nothing. */
async function withTcp(use: (port: number) => Promise<void>): Promise<void> {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use(portOf(server.address()));
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
