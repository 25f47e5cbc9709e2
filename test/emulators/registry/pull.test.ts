import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';

import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';

import { localCertificates } from '../../../emulators/certificates.ts';
import { startAws, type AwsEmulator } from '../../../emulators/aws/server.ts';
import { startConnectProxy } from '../../../emulators/registry/connect-proxy.ts';
import { buildImage, digestOf } from '../../../emulators/registry/image.ts';
import { startRegistry, type Registry } from '../../../emulators/registry/server.ts';
import { missing, run, withDirectory } from '../tools.ts';
import { startDockerRegistry } from './docker-registry.ts';
import { pull, pulledLayer, push, writeLogin } from './skopeo.ts';

const noSkopeo = missing('skopeo', 'skopeo');
const noDockerRegistry = missing('docker-registry', 'docker-registry');
const noHtpasswd = missing('htpasswd', 'apache2-utils');

let aws: AwsEmulator;

async function newPassword(): Promise<string> {
  const credentials = { accessKeyId: aws.defaults.accessKeyId, secretAccessKey: aws.defaults.secretAccessKey };
  const client = new ECRClient({ endpoint: aws.url, region: 'us-east-1', credentials });
  const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}));
  const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? '', 'base64').toString();
  return token.slice('AWS:'.length);
}

function accepts(user: string, password: string): boolean {
  return user === 'AWS' && aws.isTokenValid(password);
}

before(async () => {
  aws = await startAws();
});
after(() => aws.close());

describe('the built-in registry', { skip: noSkopeo }, () => {
  let registry: Registry;
  let reference: string;
  before(async () => {
    registry = await startRegistry({ accepts });
    reference = registry.images[0]?.reference ?? '';
  });
  after(() => registry.close());
  beforeEach(() => registry.stats.reset());

  it('gives its image to whoever has a token', () =>
    withDirectory(async (directory) => {
      const login = await writeLogin(directory, registry.host, await newPassword());
      const { code, stderr } = await pull(directory, reference, login);
      assert.equal(code, 0, stderr);
      const manifest = await readFile(join(directory, 'pulled', 'manifest.json'));
      assert.equal(digestOf(manifest), registry.images[0]?.digest);
      assert.equal(registry.stats.count(403), 0);
    }));

  it('refuses a token that is no longer valid, in the words of ECR', () =>
    withDirectory(async (directory) => {
      const login = await writeLogin(directory, registry.host, await newPassword());
      aws.revokeTokens();
      const { code, stderr } = await pull(directory, reference, login);
      assert.notEqual(code, 0);
      assert.match(stderr, /denied: Your authorization token has expired\. Reauthenticate and try again\./);
    }));

  it('asks whoever has no login for one', () =>
    withDirectory(async (directory) => {
      const login = await writeLogin(directory, 'another.example', await newPassword());
      const { code, stderr } = await pull(directory, reference, login);
      assert.notEqual(code, 0);
      assert.match(stderr, /unauthorized|authentication required|Not Authorized/i);
      assert.equal(registry.stats.count(401) > 0, true);
    }));

  it('is reached under the name that the real registry has, through a proxy', async () => {
    const secure = await startRegistry({ accepts, tls: true });
    const host = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
    const proxy = await startConnectProxy({ route: (to) => (to === `${host}:443` ? secure.host : undefined) });
    try {
      await withDirectory(async (directory) => {
        const login = await writeLogin(directory, host, await newPassword());
        const { code, stderr } = await pull(directory, `${host}/demo/hello:1.0`, login, { HTTPS_PROXY: proxy.url });
        assert.equal(code, 0, stderr);
        assert.equal(proxy.tunnels.includes(`${host}:443`), true);
      });
    } finally {
      await proxy.close();
      await secure.close();
    }
  });

  it('serves HTTPS that a client can verify', async () => {
    const secure = await startRegistry({ accepts, tls: true });
    try {
      await withDirectory(async (directory) => {
        const certificates = join(directory, 'certs');
        await mkdir(certificates);
        await writeFile(join(certificates, 'ca.crt'), (await localCertificates()).ca);
        const login = await writeLogin(directory, secure.host, await newPassword());
        const reference = secure.images[0]?.reference ?? '';
        const { code, stderr } = await pull(directory, reference, login, {}, ['--src-cert-dir', certificates]);
        assert.equal(code, 0, stderr);
      });
    } finally {
      await secure.close();
    }
  });
});

describe("Debian's docker-registry", { skip: noSkopeo || noDockerRegistry }, () => {
  const image = buildImage('greeting.txt', 'from upstream\n');

  it('gives a pushed image to whoever has a token, behind the front', () =>
    withDirectory(async (directory) => {
      const upstream = await startDockerRegistry(directory);
      const front = await startRegistry({ accepts, upstream: upstream.url });
      try {
        const reference = `${front.host}/team/app:1`;
        const login = await writeLogin(directory, front.host, await newPassword());
        const pushed = await push(directory, image, reference, login);
        assert.equal(pushed.code, 0, pushed.stderr);
        const pulled = await pull(directory, reference, login);
        assert.equal(pulled.code, 0, pulled.stderr);
        assert.deepEqual(await pulledLayer(directory, image), image.layers[0]?.bytes);

        aws.revokeTokens();
        const refused = await pull(directory, reference, login);
        assert.notEqual(refused.code, 0);
        assert.match(refused.stderr, /Your authorization token has expired/);

        const renewed = await pull(directory, reference, await writeLogin(directory, front.host, await newPassword()));
        assert.equal(renewed.code, 0, renewed.stderr);
      } finally {
        await front.close();
        await upstream.stop();
      }
    }));

  it('takes the token as password of its own htpasswd, and no other', { skip: noHtpasswd }, () =>
    withDirectory(async (directory) => {
      const password = await newPassword();
      // bcrypt reads 72 bytes of a password, and htpasswd refuses one as long as ECR's. They differ from their 17th on.
      const hashed = await run('htpasswd', ['-nbB', 'AWS', password.slice(0, 72)]);
      const file = join(directory, 'htpasswd');
      await writeFile(file, hashed.stdout.trim());
      const registry = await startDockerRegistry(directory, file);
      try {
        const reference = `${registry.host}/team/app:1`;
        const login = await writeLogin(directory, registry.host, password);
        const pushed = await push(directory, image, reference, login);
        assert.equal(pushed.code, 0, pushed.stderr);
        const pulled = await pull(directory, reference, login);
        assert.equal(pulled.code, 0, pulled.stderr);
        const other = await writeLogin(directory, registry.host, await newPassword());
        const refused = await pull(directory, reference, other);
        assert.notEqual(refused.code, 0);
        assert.match(refused.stderr, /unauthorized|authentication required/);
      } finally {
        await registry.stop();
      }
    }),
  );
});
