/** An API server that misbehaves on the wire: every command ends in time, with the right code, in the memory of the container. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { after, before, describe, it } from 'node:test';
import { localCertificates } from '../../emulators/certificates.ts';
import { ended, startJobStage, type JobStage } from '../support/job-stage.ts';
import { troubledServers, writeKubeconfig } from '../support/servers.ts';
import { peakOf, shippedProgram, type Command, type ShippedProgram } from '../support/shipped-program.ts';
import { flood, head, json, wireMisdeeds, type Misdeed } from './wire.ts';

const namespace = { metadata: { name: 'team-a', uid: '1', resourceVersion: '5' } };
const list = { kind: 'PartialObjectMetadataList', metadata: { resourceVersion: '5' }, items: [namespace] };
const applied = { kind: 'PartialObjectMetadata', metadata: { name: 'ecr-creds', resourceVersion: '6' } };
const status = (code: number, more: object = {}) =>
  json(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'no', reason: 'Odd', code, ...more });

/** How a list misbehaves, and the exit codes that are right then; 5 where time runs out while it is tried again. */
const lists: Record<string, [misdeed: Misdeed, codes: readonly number[]]> = {
  'is of another kind': [status(200), [4]],
  'has no items': [json(200, { kind: 'List', metadata: {} }), [4]],
  'has null for items': [json(200, { ...list, items: null }), [4]],
  'has odd things among its items': [
    json(200, { ...list, items: [null, 7, 'x', [], {}, { metadata: null }, namespace] }),
    [0, 5],
  ],
  'has names that are none': [
    json(200, {
      ...list,
      items: [{ metadata: { name: 7 } }, { metadata: { name: '' } }, { metadata: { name: '../../x?y' } }],
    }),
    [0, 5],
  ],
  'has metadata that are a list': [json(200, { ...list, metadata: [] }), [0]],
  'names itself as the next page': [json(200, { ...list, metadata: { continue: 'again' } }), [5]],
  'has empty pages without an end': [json(200, { ...list, items: [], metadata: { continue: 'again' } }), [4, 5]],
  'is too old, time after time': [status(410, { metadata: { continue: 'fresh' } }), [4]],
  'is forbidden': [status(403), [4]],
  'is not found': [status(404), [4]],
  'asks for patience for a day': [json(429, {}, { 'retry-after': '86400' }), [5]],
  'asks for patience in words': [json(503, {}, { 'retry-after': 'as long as it takes' }), [4, 5]],
  'asks for patience for ever': [json(503, {}, { 'retry-after': '99999999999999999999' }), [4, 5]],
};

/** The same for the answer to a write. */
const writes: Record<string, Misdeed> = {
  'is of another kind': status(200),
  'has no revision': json(200, { ...applied, metadata: {} }),
  'has a revision that is no text': json(200, { ...applied, metadata: { resourceVersion: 7 } }),
  'conflicts time after time': status(409),
  'is invalid, for odd reasons': status(422, { details: { causes: [null, 7, { message: {} }] } }),
  'is denied in two hundred thousand words': (socket) => {
    const message = `admission webhook "x" denied the request: ${'is forbidden: '.repeat(14_000)}`;
    json(403, { kind: 'Status', status: 'Failure', message, reason: 'Forbidden', code: 403 })(socket);
  },
  'is an error without an end': (socket) => {
    socket.write(head(500, { 'content-type': 'application/json', 'content-length': '99999999999' }));
    flood(socket);
  },
};

describe('an API server that misbehaves', { concurrency: 6 }, () => {
  let program: ShippedProgram;
  let stage: JobStage;
  const servers = troubledServers();
  let count = 0;

  before(async () => {
    [program, stage] = await Promise.all([shippedProgram(), startJobStage()]);
  });
  after(async () => {
    await servers.close();
    await Promise.all([stage.close(), program.close()]);
  });

  /** Runs a pass against a server that does so to requests of this method, and answers the others. */
  async function runAgainst(method: 'GET' | 'PATCH', misdeed: Misdeed) {
    const { server, ca } = await localCertificates();
    const onRequest = (socket: TLSSocket, text: string): void => {
      if (text.startsWith(method)) misdeed(socket);
      else json(200, text.startsWith('GET') ? list : applied)(socket);
    };
    const tls = createServer(server, (socket) => {
      socket.on('error', () => undefined);
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
        const end = text.indexOf('\r\n\r\n');
        if (end === -1) return;
        const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
        if (text.length < end + 4 + length) return;
        const whole = text;
        text = '';
        onRequest(socket, whole);
      });
    });
    const port = await servers.listen(tls);
    const path = join(stage.directory, `hostile-${(count += 1)}`);
    const KUBECONFIG = await writeKubeconfig(path, `https://127.0.0.1:${port}`, { token: 'x' }, ca);
    const command: Command = program.within(64);
    const beganMs = performance.now();
    const child = stage.start(
      [],
      { KUBECONFIG, ECR_DEADLINE: '2s', ECR_REQUEST_TIMEOUT: '700ms' },
      'pipe',
      'pipe',
      command,
    );
    const peakMiB = peakOf(child);
    const run = await ended(child);
    return { run, tookMs: performance.now() - beganMs, peakMiB: peakMiB() };
  }

  function holds({ run, tookMs, peakMiB }: Awaited<ReturnType<typeof runAgainst>>, codes: readonly number[]): void {
    assert.ok(run.code !== null && codes.includes(run.code), `it ended with ${run.code}: ${run.stderr}`);
    assert.doesNotMatch(run.stderr, /This is a bug/);
    assert.ok(tookMs < 2000 + 1000 + 6000, `it took ${tookMs} ms`);
    assert.ok(peakMiB < 64, `${peakMiB} MiB`);
    if (run.code !== 0) assert.match(run.stderr, /"code":"[A-Z]\w+"/);
  }

  for (const [what, misdeed] of Object.entries(wireMisdeeds)) {
    it(`${what} where it is asked for namespaces`, { timeout: 20_000 }, async () => {
      holds(await runAgainst('GET', misdeed), [4, 5]);
    });
  }
  for (const [what, [misdeed, codes]] of Object.entries(lists)) {
    it(`whose list ${what}`, { timeout: 20_000 }, async () => holds(await runAgainst('GET', misdeed), codes));
  }
  for (const [what, misdeed] of Object.entries(wireMisdeeds)) {
    it(`${what} where a secret is written`, { timeout: 20_000 }, async () => {
      holds(await runAgainst('PATCH', misdeed), [5]);
    });
  }
  for (const [what, misdeed] of Object.entries(writes)) {
    it(`whose answer to a write ${what}`, { timeout: 20_000 }, async () =>
      holds(await runAgainst('PATCH', misdeed), [5]),
    );
  }
});
