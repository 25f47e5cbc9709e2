import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { chooseContext } from '../../src/adapters/kubernetes/kubeconfig/file.ts';
import { sameMutant } from '../mutants/lent.ts';
import { files } from './files.ts';
import { kubectls, viewed } from './kubectls.ts';
import { ours, type Outcome } from './ours.ts';
import { plugins } from './plugins.ts';
import type { Row } from './row.ts';
import { servers } from './servers.ts';
import { shapes } from './shapes.ts';
import { startStage, type Placed, type Stage } from './stage.ts';
import { users } from './users.ts';

const tables: Record<string, readonly Row[]> = {
  'of a tool': shapes,
  'in files': files,
  'of a server': servers,
  'of a user': users,
  'of a user with a plugin': plugins,
};

describe('a kubeconfig is read as kubectl reads it', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
  });
  after(() => stage.close());

  let number = 0;
  for (const [what, rows] of Object.entries(tables)) {
    describe(what, { concurrency: 3 }, () => {
      for (const row of rows) {
        number += 1;
        const own = number;
        it(row.title, async () => {
          const placed = await stage.place(row, own);
          const [mine, its] = await Promise.all([
            placed.env['SSL_CERT_FILE'] === undefined ? ours(placed) : apart(placed),
            kubectls(stage, placed),
          ]);
          const [inFull, itsInFull] = [`${mine.is}: ${mine.says}`, `${its.is}: ${its.says}`];
          assert.equal(its.is, row.kubectl ?? row.is, `kubectl: ${itsInFull}`);
          assert.equal(mine.is, row.is, inFull);
          assert.deepEqual(row.kubectl === undefined ? mine.userInfo : its.userInfo, its.userInfo);
          if (row.says !== undefined) assert.match(mine.says, row.says);
        });
      }
    });
  }

  it('and comes down to the same context, cluster and user', async () => {
    for (const [index, row] of files.entries()) {
      if (row.kubectl !== undefined || row.isUnviewed === true || ['file', 'plugin'].includes(row.is)) continue;
      const placed = await stage.place(row, 1000 + index);
      const chosen = chooseContext(placed.kubeconfig ?? placed.variable, placed.context);
      assert.ok(chosen.ok, row.title);
      const { context, cluster, user } = chosen.value;
      const { server } = cluster.fields;
      const mine = { context, cluster: cluster.name, server, user: user.name, token: user.fields['token'] };
      assert.deepEqual(mine, await viewed(stage, placed), row.title);
    }
  });

  it('or otherwise on purpose, of which the row says why', () => {
    for (const { title, kubectl, is, because = '' } of Object.values(tables).flat())
      assert.equal(kubectl !== undefined && kubectl !== is, because !== '', title);
  });
});

async function apart(placed: Placed): Promise<Outcome> {
  const args = ['test/kubeconfigs/ours.ts', JSON.stringify(placed)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...placed.env, ...sameMutant() } });
  return JSON.parse(stdout) as Outcome;
}
