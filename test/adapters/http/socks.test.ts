import assert from 'node:assert/strict';
import type { AddressInfo, Server } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { startAws, type AwsEmulator } from '../../../emulators/aws/server.ts';
import { localCertificates } from '../../../emulators/certificates.ts';
import { Connections } from '../../../src/adapters/http/connections.ts';
import { targetOf } from '../../../src/adapters/http/dial.ts';
import { exchange } from '../../../src/adapters/http/exchange.ts';
import { proxyFor, type ProxyEnv } from '../../../src/adapters/http/proxy.ts';
import { startSocksProxy } from '../../support/socks-proxy.ts';

const { ca } = await localCertificates();
/** In the emulators' certificate, and known to no resolver here. */
const name = 'kubernetes.default.svc';

async function statusOf(url: URL, env: ProxyEnv): Promise<number | string> {
  const proxy = proxyFor(url, env);
  assert.ok(proxy.ok);
  const way = { target: targetOf(url), proxy: proxy.value, tls: { ca }, timeoutMs: 5000 };
  const connections = new Connections(way, { most: 1, idleTimeoutMs: 5000 });
  const wanted = { method: 'GET', path: '/', headers: {}, body: undefined };
  const outgoing = { connections, wanted, timeoutMs: 5000 };
  const outcome = await exchange<number>(outgoing, new AbortController().signal, ({ status }, done) => done(status));
  connections.close();
  if (outcome.kind === 'done') return outcome.value;
  return outcome.kind === 'failed' ? outcome.error.message : outcome.kind;
}

describe('a SOCKS proxy of the environment', () => {
  let servers: AwsEmulator[];
  let proxy: Server;
  const asked: string[] = [];
  before(async () => {
    servers = await Promise.all([startAws({}), startAws({ tls: true })]);
    proxy = await startSocksProxy(asked, '127.0.0.1');
  });
  after(async () => {
    proxy.close();
    await Promise.all(servers.map((server) => server.close()));
  });

  for (const [index, variable] of ['HTTP_PROXY', 'HTTPS_PROXY'].entries()) {
    it(`is asked through, and looks names up: ${variable}`, async () => {
      const own = new URL(servers[index]?.url ?? '');
      const target = new URL(`${own.protocol}//${name}:${own.port}/`);
      const status = await statusOf(target, {
        [variable]: `socks5h://127.0.0.1:${(proxy.address() as AddressInfo).port}`, // a TCP server's
      });
      assert.equal(typeof status, 'number', String(status));
      assert.equal(asked.at(-1), `${name}:${own.port}`);
    });
  }
  it('that is not there is named', async () => {
    const said = await statusOf(new URL('https://x.example'), { HTTPS_PROXY: 'socks5://127.0.0.1:1' });
    assert.match(String(said), /^the proxy 127\.0\.0\.1:1: .*ECONNREFUSED/);
  });
});
