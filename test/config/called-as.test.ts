import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asCalled, calledAs } from '../../src/config/called-as.ts';
import { commandHelp } from '../../src/config/command-help.ts';
import { commandNames } from '../../src/config/commands.ts';
import { helpText, programHelp } from '../../src/config/help.ts';
import { findingTable } from '../../src/core/doctor/finding-table.ts';
import { failureTable } from '../../src/core/failures/failure-table.ts';
import { remedyParts } from '../../src/core/failures/remedy.ts';

describe('how the program was started', () => {
  const started = { npm_lifecycle_event: 'start', npm_package_name: 'ecr-cred-helper', npm_command: 'run-script' };
  const cases: Record<
    string,
    [script: string, argv: string[], env: Record<string, string>, name: string, is: string[]]
  > = {
    'by its name': ['/usr/bin/ecr-cred-helper', ['status'], {}, 'ecr-cred-helper', ['status']],
    'by its file': ['/app/ecr-cred-helper.cjs', [], {}, 'ecr-cred-helper', []],
    'by npm, in a checkout': ['/src/main.ts', ['doctor'], started, 'npm start --silent --', ['doctor']],
    'by a script of another package': [
      '/bin/ecr-cred-helper',
      ['doctor'],
      { ...started, npm_package_name: 'other' },
      'ecr-cred-helper',
      ['doctor'],
    ],
    'by npx': ['/c/.bin/ecr-cred-helper', ['status'], { npm_command: 'exec' }, 'npx ecr-cred-helper', ['status']],
    'as a plugin of kubectl': ['/k/bin/kubectl-ecr_creds', ['status'], {}, 'kubectl ecr-creds', ['status']],
    'as a plugin without a command': ['C:\\k\\kubectl-ecr_creds.cjs', [], {}, 'kubectl ecr-creds', ['help']],
    'by kubectl, to complete a line': [
      '/k/bin/kubectl_complete-ecr_creds',
      ['status', ''],
      {},
      'kubectl ecr-creds',
      ['complete', '--', 'status', ''],
    ],
  };
  for (const [title, [script, argv, env, name, is]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(calledAs([script, ...argv], env), { name, argv: is }));
  }
});

describe('what the program has somebody type, where it is called otherwise', () => {
  const plugin = 'kubectl ecr-creds';

  it('is that in every remedy', () => {
    const remedies = [...Object.values(findingTable), ...Object.values(failureTable)].map(({ fix }) =>
      remedyParts(fix),
    );
    const own = remedies.map(({ command }) => command ?? '').filter((each) => each.startsWith('ecr-cred-helper'));
    assert.ok(own.length >= 3);
    for (const command of own) assert.match(asCalled(command, plugin), /^kubectl ecr-creds /);
  });

  it('is that in every text of help', () => {
    for (const text of [programHelp(), ...commandNames.map((name) => helpText(name, 'all'))]) {
      const said = asCalled(text, plugin);
      assert.match(said, /^Usage:\n {2}kubectl ecr-creds /m);
      assert.doesNotMatch(said, /^ +ecr-cred-helper /m);
    }
    assert.ok(commandHelp.status.examples.every(([, line = '']) => asCalled(line, plugin).startsWith(plugin)));
  });

  const texts: Record<string, [text: string, said: string]> = {
    'in a hint': [
      'Leave it out, or see ecr-cred-helper status --help.',
      'Leave it out, or see kubectl ecr-creds status --help.',
    ],
    'at the start of a hint': ['See ecr-cred-helper --help.', 'See kubectl ecr-creds --help.'],
    'behind a pipe': ['x | ecr-cred-helper status', 'x | kubectl ecr-creds status'],
    'not the namespace': ['kubectl -n ecr-cred-helper create job', 'kubectl -n ecr-cred-helper create job'],
    'not what is made': [
      'kubectl create namespace ecr-cred-helper --save-config',
      'kubectl create namespace ecr-cred-helper --save-config',
    ],
    'not the version': ['ecr-cred-helper 2.0.0', 'ecr-cred-helper 2.0.0'],
    'not what a shell is told to complete': [
      'source <(ecr-cred-helper completion bash)',
      'source <(ecr-cred-helper completion bash)',
    ],
  };
  for (const [title, [text, said]] of Object.entries(texts)) {
    it(title, () => {
      assert.equal(asCalled(text, plugin), said);
      assert.equal(asCalled(text, 'ecr-cred-helper'), text);
      assert.equal(
        asCalled(asCalled(text, 'npx ecr-cred-helper'), 'npx ecr-cred-helper'),
        asCalled(text, 'npx ecr-cred-helper'),
      );
    });
  }
});
