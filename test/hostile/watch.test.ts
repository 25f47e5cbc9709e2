/** Watches that misbehave: the controller stays healthy and small, asks in peace, and serves all once they are well. */
import assert from 'node:assert/strict';
import { request as send } from 'node:https';
import { createServer, type ServerOptions } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { localCertificates } from '../../emulators/certificates.ts';
import { startStage, type Stage } from '../support/controller-stage.ts';
import { troubledServers } from '../support/servers.ts';
import { peakOf, shippedProgram, type ShippedProgram } from '../support/shipped-program.ts';
import { flood, head, wireMisdeeds, type Misdeed } from './wire.ts';

const open = head(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const line = (event: unknown) => chunk(`${typeof event === 'string' ? event : JSON.stringify(event)}\n`);
const metadata = { name: 'nobody', namespace: 'nobody', uid: 'u', resourceVersion: '3' };
const added = { type: 'ADDED', object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata } };
const listed = {
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion: '4', annotations: { 'k8s.io/initial-events-end': 'true' } } },
};

/** Opens the watch, shows this, and ends it or not. */
const shows = (...events: unknown[]): Misdeed => {
  return (socket) => socket.write(`${open}${events.map(line).join('')}0\r\n\r\n`);
};
const floods = (text: string): Misdeed => {
  return (socket) => {
    socket.write(open);
    flood(socket, text);
  };
};

const watchMisdeeds: Record<string, Misdeed> = {
  'shows nothing and ends': shows(),
  'shows what is no JSON': shows('}{'),
  'shows null': shows(null),
  'shows a number': shows(7),
  'shows an event of nothing': shows({ type: 'ADDED' }),
  'shows an event of an object without metadata': shows({ type: 'ADDED', object: {} }),
  'shows an object whose name is an object': shows({ type: 'ADDED', object: { metadata: { name: {} } } }),
  'shows an event of an unknown type': shows({ ...added, type: 'RENAMED' }),
  'shows an event whose type is an object': shows({ ...added, type: {} }),
  'shows an error that its revision is too old, each time': shows({
    type: 'ERROR',
    object: { kind: 'Status', code: 410 },
  }),
  'shows an error of the server, each time': shows({ type: 'ERROR', object: { kind: 'Status', code: 500 } }),
  'shows an error without a code': shows({ type: 'ERROR', object: {} }),
  'shows two events on a line': shows(`${JSON.stringify(added)}${JSON.stringify(added)}`),
  'shows one event a hundred thousand times': (socket) =>
    socket.write(`${open}${line(added).repeat(100_000)}0\r\n\r\n`),
  'shows one event without an end': floods(line(added).repeat(50)),
  'shows bookmarks without an end': floods(line({ type: 'BOOKMARK', object: { metadata } }).repeat(50)),
  'shows empty lines without an end': floods(chunk('\n'.repeat(4000))),
  'shows a line without an end': floods(chunk('x'.repeat(4000))),
  'shows a line of brackets as long as it may be': (socket) => socket.write(`${open}${line('['.repeat(2_000_000))}`),
  'shows a line in pieces of one byte': floods('1\r\nx\r\n'.repeat(500)),
  'shows what is there, and closes at once, time after time': shows(added, listed),
  'goes back in its revisions': shows(listed, { type: 'BOOKMARK', object: { metadata: { resourceVersion: '1' } } }),
  'shows a revision that is no number': shows({ type: 'BOOKMARK', object: { metadata: { resourceVersion: 'x\ny' } } }),
};
const onTheWire = [
  'closes without a word',
  'says nothing',
  'closes after its head',
  'says something that is no HTTP',
  'sends a head without an end',
  'sends chunks whose sizes are no numbers',
  'says that it is compressed',
  'answers with a page of HTML',
  'answers 502 with a page of HTML',
  'sends to somewhere else',
  'answers 204',
];

describe('a watch that misbehaves', { concurrency: 4 }, () => {
  let program: ShippedProgram;
  let stage: Stage;
  const servers = troubledServers();

  before(async () => {
    program = await shippedProgram();
    stage = await startStage();
  });
  after(async () => {
    await servers.close();
    await stage.close();
    await program.close();
  });

  /** An API server whose watches misbehave until they are well, and which is the emulator for everything else. */
  async function front(misdeed: Misdeed) {
    const { server } = await localCertificates();
    const state = { isWell: false, watches: 0 };
    const options: ServerOptions = { ...server, maxHeaderSize: 64 * 1024 };
    const passOn = (request: IncomingMessage, response: ServerResponse): void => {
      const { method, url: path, headers } = request;
      const target = {
        host: '127.0.0.1',
        port: stage.kubernetes.port,
        ca: stage.kubernetes.caPem,
        method,
        path,
        headers,
      };
      const there = send(target, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      there.on('error', () => response.destroy());
      response.on('close', () => there.destroy());
      request.pipe(there);
    };
    const port = await servers.listen(
      createServer(options, (request, response) => {
        if (state.isWell || request.url?.includes('watch=true') !== true) return passOn(request, response);
        state.watches += 1;
        misdeed(request.socket);
      }),
    );
    return { state, port };
  }

  async function survives(what: string, misdeed: Misdeed): Promise<void> {
    const value = what
      .replaceAll(/[^a-z0-9]+/gi, '-')
      .slice(0, 60)
      .replace(/-$/, '');
    const namespace = value.toLowerCase();
    stage.kubernetes.createNamespace(namespace, { credentialType: value });
    const { state, port } = await front(misdeed);
    const replica = await stage.start(
      {
        KUBERNETES_SERVICE_PORT: String(port),
        ECR_LEADER_ELECTION: 'false',
        ECR_REQUEST_TIMEOUT: '1s',
        ECR_LABEL_VALUE: value,
      },
      [],
      program.within(128),
    );
    const peakMiB = peakOf(replica.child);
    const probes = Number((await replica.said('Controller started'))['port']);
    for (let round = 0; round < 12; round += 1) {
      const beganMs = performance.now();
      const health = await fetch(`http://127.0.0.1:${probes}/healthz`);
      assert.equal(health.status, 200);
      // As long as the kubelet waits for the shipped probe.
      assert.ok(performance.now() - beganMs < 5000, `health took ${performance.now() - beganMs} ms`);
      await setTimeout(100);
    }
    // Two topics, each after a longer pause.
    assert.ok(state.watches <= 24, `${state.watches} watches in a second`);
    state.isWell = true;
    servers.breakOff(port);
    await stage.served(namespace);
    assert.ok(peakMiB() < 128, `${peakMiB()} MiB`);
    assert.equal(await replica.stop(), 0);
  }

  const all = [...Object.entries(watchMisdeeds), ...onTheWire.map((what) => [what, wireMisdeeds[what]] as const)];
  for (const [what, misdeed] of all) {
    it(what, { timeout: 60_000 }, () => survives(what, misdeed ?? assert.fail(`there is no such misdeed: ${what}`)));
  }
});
