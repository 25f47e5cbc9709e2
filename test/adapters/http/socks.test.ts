import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { startAws, type AwsEmulator } from '../../../emulators/aws/server.ts';
import { localCertificates } from '../../../emulators/certificates.ts';
import { agentFor } from '../../../src/adapters/http/proxied-agent.ts';
import { startSocksProxy } from '../../support/socks-proxy.ts';

const { ca } = await localCertificates();
/** In the emulators' certificate, and known to no resolver here. */
const name = 'kubernetes.default.svc';

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
      const env = { [variable]: `socks5h://127.0.0.1:${(proxy.address() as AddressInfo).port}` }; // a TCP server's
      const agent = agentFor(target, env, { ca }, { maxSockets: 1 });
      assert.ok(agent.ok);
      const request = (own.protocol === 'https:' ? https : http).get(target, { agent: agent.value });
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      response.resume();
      assert.ok((response.statusCode ?? 0) > 0);
      assert.equal(asked.at(-1), `${name}:${own.port}`);
      agent.value.destroy();
    });
  }
  it('that is not there is named', async () => {
    const agent = agentFor(
      new URL('https://x.example'),
      { HTTPS_PROXY: 'socks5://127.0.0.1:1' },
      {},
      { maxSockets: 1 },
    );
    assert.ok(agent.ok);
    const [error] = (await once(https.get('https://x.example', { agent: agent.value }), 'error')) as [Error];
    assert.match(error.message, /^the proxy 127\.0\.0\.1:1: .*ECONNREFUSED/);
  });
});
