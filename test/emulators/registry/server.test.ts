import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { after, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

import { pullImage } from '../../../emulators/registry/client.ts';
import { buildImage } from '../../../emulators/registry/image.ts';
import { startRegistry, type Registry } from '../../../emulators/registry/server.ts';
import { run } from '../tools.ts';

const MAIN = fileURLToPath(new URL('../../../emulators/registry/main.ts', import.meta.url));
const VALID = passwordLikeEcrs('valid');

function passwordLikeEcrs(payload: string): string {
  return Buffer.from(JSON.stringify({ payload, type: 'DATA_KEY', expiration: 1_700_000_000 })).toString('base64');
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function dockerConfig(host: string, password: string): string {
  const auth = Buffer.from(`AWS:${password}`).toString('base64');
  return JSON.stringify({ auths: { [host]: { auth } } });
}

let registry: Registry;

function get(path: string, authorization?: string, method = 'GET'): Promise<Response> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  return fetch(`${registry.url}${path}`, { method, headers });
}

describe('the registry', () => {
  before(async () => {
    registry = await startRegistry({ accepts: (user, password) => user === 'AWS' && password === VALID });
  });
  after(() => registry.close());
  beforeEach(() => registry.stats.reset());

  it('challenges a request without a login as ECR does', async () => {
    const answer = await get('/v2/');
    assert.equal(answer.status, 401);
    assert.equal(
      answer.headers.get('www-authenticate'),
      `Basic realm="http://${registry.host}/",service="ecr.amazonaws.com"`,
    );
    assert.equal(answer.headers.get('docker-distribution-api-version'), 'registry/2.0');
    assert.equal(await answer.text(), 'Not Authorized\n');
  });

  it('tells a token that is no longer valid that it expired', async () => {
    const answer = await get('/v2/', basic('AWS', passwordLikeEcrs('another')));
    assert.equal(answer.status, 403);
    assert.equal(answer.headers.has('www-authenticate'), false);
    const message = 'Your authorization token has expired. Reauthenticate and try again.';
    assert.deepEqual(await answer.json(), { errors: [{ code: 'DENIED', message }] });
  });

  const NO_TOKENS = { 'another user': basic('root', VALID), 'a password that is no token': basic('AWS', 'hunter2') };
  for (const [what, authorization] of Object.entries(NO_TOKENS)) {
    it(`answers 400 to ${what}`, async () => {
      assert.equal((await get('/v2/', authorization)).status, 400);
    });
  }

  it('takes the token of whoever is accepted', async () => {
    assert.equal((await get('/v2/', basic('AWS', VALID))).status, 200);
    assert.deepEqual(registry.stats.requests, [{ method: 'GET', path: '/v2/', status: 200, user: 'AWS' }]);
  });

  it('answers HEAD with the digest and no body', async () => {
    const answer = await get('/v2/demo/hello/manifests/1.0', basic('AWS', VALID), 'HEAD');
    assert.equal(answer.headers.get('docker-content-digest'), registry.images[0]?.digest);
    assert.equal(await answer.text(), '');
  });

  const ABSENT = {
    '/v2/no/such/manifests/1.0': 'NAME_UNKNOWN',
    '/v2/demo/hello/manifests/9.9': 'MANIFEST_UNKNOWN',
    '/v2/demo/hello/blobs/sha256:00': 'BLOB_UNKNOWN',
  };
  for (const [path, code] of Object.entries(ABSENT)) {
    it(`says ${code} to ${path}`, async () => {
      const answer = await get(path, basic('AWS', VALID));
      assert.equal(answer.status, 404);
      assert.match(await answer.text(), new RegExp(`"code":"${code}"`));
    });
  }

  it('is pulled from with the login that a docker config holds for it', async () => {
    const [image] = registry.images;
    const pulled = await pullImage(image?.reference ?? '', dockerConfig(registry.host, VALID));
    assert.ok(pulled.ok);
    assert.deepEqual([pulled.digest, pulled.blobs], [image?.digest, 2]);
  });

  it('is not pulled from with another login, nor with none for it', async () => {
    const reference = registry.images[0]?.reference ?? '';
    assert.deepEqual(await pullImage(reference, dockerConfig(registry.host, passwordLikeEcrs('old'))), {
      ok: false,
      status: 403,
      why: 'Your authorization token has expired. Reauthenticate and try again.',
    });
    assert.deepEqual(await pullImage(reference, dockerConfig('another.example', VALID)), {
      ok: false,
      status: 401,
      why: 'Not Authorized',
    });
  });
});

describe('the registry before an upstream', () => {
  it('passes large bodies on, both ways, and keeps the login to itself', async () => {
    const upstream = createServer((message, response) => {
      response.setHeader('x-saw-login', String(message.headers.authorization !== undefined));
      response.setHeader('x-saw-host', message.headers.host ?? '');
      message.pipe(response);
    }).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const { port } = upstream.address() as AddressInfo; // it listens on a TCP port
    registry = await startRegistry({ accepts: () => true, upstream: `http://127.0.0.1:${port}` });
    try {
      const body = randomBytes(8 * 1024 * 1024);
      const headers = { authorization: basic('AWS', VALID) };
      const answer = await fetch(`${registry.url}/v2/x`, { method: 'PUT', headers, body });
      assert.deepEqual(Buffer.from(await answer.arrayBuffer()).equals(body), true);
      assert.equal(answer.headers.get('x-saw-login'), 'false');
      assert.equal(answer.headers.get('x-saw-host'), registry.host);
    } finally {
      await registry.close();
      upstream.closeAllConnections();
      upstream.close();
    }
  });

  it('answers 502 where the upstream is down', async () => {
    registry = await startRegistry({ accepts: () => true, upstream: 'http://127.0.0.1:1' });
    try {
      assert.equal((await get('/v2/', basic('AWS', VALID))).status, 502);
    } finally {
      await registry.close();
    }
  });
});

describe('an image that is built', () => {
  it('is the same each time, with its file in the layer', () => {
    const [first, second] = [buildImage('a.txt', 'hello'), buildImage('a.txt', 'hello')];
    assert.equal(first.manifest.digest, second.manifest.digest);
    const tar = gunzipSync(first.layers[0]?.bytes ?? Buffer.alloc(0));
    assert.equal(tar.subarray(0, 5).toString(), 'a.txt');
    assert.equal(tar.subarray(512, 517).toString(), 'hello');
  });
});

describe('the registry as a program', () => {
  it('prints one line when it is ready and ends with SIGTERM', async () => {
    const child = spawn(process.execPath, [MAIN, '--password-from-env', 'REGISTRY_PASSWORD'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, REGISTRY_PASSWORD: VALID },
    });
    const ended = once(child, 'exit');
    const [line] = await once(createInterface(child.stdout), 'line');
    const { host } = JSON.parse(String(line)) as { host: string }; // the line that its help promises
    const pulled = await pullImage(`${host}/demo/hello:1.0`, dockerConfig(host, VALID));
    assert.equal(pulled.ok, true);
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  });

  it('explains itself, and ends with 2 where it lacks a password', async () => {
    const helped = await run(process.execPath, [MAIN, '--help']);
    assert.deepEqual([helped.code, helped.stderr], [0, '']);
    const refused = await run(process.execPath, [MAIN]);
    assert.deepEqual([refused.code, refused.stderr], [2, helped.stdout]);
  });
});
