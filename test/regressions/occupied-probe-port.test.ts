/** A hundred connections that say nothing, or half a request, occupied the port of the probes for half a minute. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { labels, startStage, type Stage } from '../support/controller-stage.ts';
import type { Replica } from '../support/replica.ts';
import { until } from '../support/until.ts';

describe('the port of the probes answers within a second', () => {
  let stage: Stage;
  let replica: Replica;
  let port: number;
  const sockets: Socket[] = [];

  before(async () => {
    // So few files that there are none left for all who connect.
    stage = await startStage({
      command: ['sh', '-c', 'ulimit -n 150; exec "$@"', 'sh', process.execPath, 'src/main.ts'],
    });
    stage.kubernetes.createNamespace('team-a', labels);
    replica = await stage.start();
    await replica.ready();
    port = Number((await replica.said('Controller started'))['port']);
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await stage.close();
  });

  const opened = async (count: number, say: string): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      sockets.push(socket);
      await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined);
      if (say !== '') socket.write(say);
    }
  };
  const answersSoon = async (path: string): Promise<void> => {
    const beganMs = performance.now();
    assert.equal((await replica.get(path)).status, 200);
    assert.ok(performance.now() - beganMs < 1000);
  };

  for (const [what, say] of Object.entries({
    'say nothing': '',
    'send half a request': 'GET /healthz HTTP/1.1\r\nX-Half: ',
    'send a head and half a body': 'GET /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\nhalf',
  })) {
    it(`to whoever asks, while three hundred others ${what}`, async () => {
      await opened(300, say);
      for (const path of ['/healthz', '/readyz', '/metrics']) await answersSoon(path);
    });
  }

  it('where the process has no file left for a connection, as soon as it has one again', async () => {
    const crowd = sockets.splice(0);
    for (const socket of crowd) socket.destroy();
    const idle = await startStage({
      command: ['sh', '-c', 'ulimit -n 40; exec "$@"', 'sh', process.execPath, 'src/main.ts'],
    });
    try {
      const crowded = await idle.start();
      port = Number((await crowded.said('Controller started'))['port']);
      await opened(90, '');
      for (const socket of sockets.splice(0)) socket.destroy();
      idle.kubernetes.createNamespace('late', labels);
      await idle.served('late');
      await until('it answers', async () => (await crowded.get('/healthz').catch(() => undefined))?.status === 200);
      assert.equal(
        crowded.find(({ text }) => /This is a bug/.test(String(text))),
        undefined,
      );
    } finally {
      await idle.close();
    }
  });

  it('and the controller goes on with its work', async () => {
    stage.kubernetes.createNamespace('afterwards', labels);
    await stage.served('afterwards');
  });
});
