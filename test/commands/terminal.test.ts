/** What people see, in terminals of two widths: recorded with tmux, on the cluster that the demo keeps up. */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startPlayground, type Playground } from '../../demo/playground.ts';
import { missing, run } from '../emulators/tools.ts';
import { shippedProgram, type ShippedProgram } from '../support/shipped-program.ts';
import { openTerminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';

const image = '123456789012.dkr.ecr.us-east-1.amazonaws.com/demo/hello';

describe('in a terminal', { skip: missing('tmux', 'tmux') }, () => {
  let playground: Playground;
  let program: ShippedProgram;
  let env: Record<string, string>;

  before(async () => {
    program = await shippedProgram();
    playground = await startPlayground(100, program.path);
    const { directory, kubernetes, variables } = playground;
    await mkdir(join(directory, 'home'));
    env = { ...variables, HOME: join(directory, 'home'), TERM: 'xterm-256color', LANG: 'C.UTF-8' };
    const names = ['shop', 'a-namespace-with-quite-a-long-name-as-some-teams-have-them'];
    for (const name of names) kubernetes.createNamespace(name, { credentialType: 'ecr' });
    kubernetes.createNamespace('payments', { credentialtype: 'ecr' });
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop' } };
    kubernetes.apply({ ...pod, spec: { containers: [{ name: 'web', image: `${image}:no-such-tag` }] } });
    const passed = await run('ecr-cred-helper', [], env);
    assert.equal(passed.code, 0, passed.stderr);
    await until('the pod waits', () => JSON.stringify(kubernetes.get('v1', 'Pod', 'shop', 'web')).includes('BackOff'));
    // Something for status and prune to show.
    kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: names[1], labels: {} } });
  });
  after(async () => {
    await playground.close();
    await program.close();
  });

  const commands: Record<string, [typed: string, shows: RegExp]> = {
    'help of the program': ['ecr-cred-helper --help', /^What each does|^Where no command/m],
    'help of a command': ['ecr-cred-helper refresh --help-all', /^Exit codes:/m],
    'a mistake': ['ecr-cred-helper refresh --dry-rum --region eu-west-1a', /Did you mean --dry-run/],
    'a pass': ['ecr-cred-helper', /^\d+ namespaces? in [\d.]+ s: /m],
    'a pass that AWS refuses': ['AWS_SECRET_ACCESS_KEY=another ecr-cred-helper', /AwsSignatureMismatch/],
    'a pass that may not list': ['ecr-cred-helper refresh --context nobody', /ApiListForbidden|KubeconfigInvalid/],
    status: ['ecr-cred-helper status', /^3 namespaces?: |^2 namespaces?: /m],
    'status, wide': ['ecr-cred-helper status -o wide', /namespaces?: /],
    doctor: ['ecr-cred-helper doctor', /^\d+ to fix, /m],
    'doctor of everything': ['ecr-cred-helper doctor -v', /^\d+ to fix, /m],
    explain: ['ecr-cred-helper explain web -n shop', /^\d+ to fix, /m],
    'what would be pruned': ['ecr-cred-helper prune', /Nothing was removed|nothing to remove/],
  };

  for (const columns of [80, 120]) {
    for (const [title, [typed, shows]] of Object.entries(commands)) {
      it(`of ${columns} columns no line of ${title} is broken by the screen, but for what is to be typed`, async () => {
        const terminal = await openTerminal(columns, `${typed}; echo "ended with $?"`, env);
        try {
          const lines = (await terminal.shows(/^ended with \d/m)).split('\n');
          assert.match(lines.join('\n'), shows);
          const long = lines.filter((line) => line.length > columns && !isToBeTyped(line));
          const isWide = title === 'status, wide';
          assert.deepEqual(isWide ? [] : long, []);
          // Nothing of what moves a cursor or paints has been shown as text.
          assert.doesNotMatch(lines.join('\n'), /\[\d*[mKHJ]/);
        } finally {
          await terminal.close();
        }
      });
    }

    it(`of ${columns} columns status --watch keeps to the screen, and leaves it when it is told to`, async () => {
      const terminal = await openTerminal(columns, 'ecr-cred-helper status --watch; echo "ended with $?"', env);
      try {
        await terminal.shows(/^shop /m);
        await terminal.press('C-c');
        const lines = (await terminal.shows(/^ended with \d+/m)).split('\n');
        assert.deepEqual(
          lines.filter((line) => line.length > columns),
          [],
        );
      } finally {
        await terminal.close();
      }
    });
  }
});

/** A command in one piece, however long: broken by us it would be two when it is pasted. */
function isToBeTyped(line: string): boolean {
  return /^ +(?:→ )?(?:kubectl|aws|ecr-cred-helper) /.test(line);
}
