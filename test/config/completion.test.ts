import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { commandNames } from '../../src/config/commands.ts';
import { completionScript, type Shell } from '../../src/config/completion.ts';
import { options } from '../../src/config/options.ts';
import { missing, run, withDirectory } from '../emulators/tools.ts';

/** What a shell prints that has read its completions and then the text. Its own start-up files change nothing. */
async function printed(shell: Shell, text: string): Promise<string[]> {
  const quiet = { bash: ['--norc', '--noprofile', '-u'], zsh: ['-f'], fish: ['--no-config'] }[shell];
  return withDirectory(async (directory) => {
    await writeFile(join(directory, 'script'), `${completionScript(shell)}\n${text}`);
    await writeFile(join(directory, 'config.yaml'), '');
    const { stdout, stderr } = await run(shell, [...quiet, '-c', `cd ${directory}; source ./script`], {
      HOME: directory,
    });
    assert.equal(stderr, '');
    return stdout.split('\n').filter((line) => line !== '');
  });
}

function offeredByBash(words: readonly string[]): Promise<string[]> {
  const quoted = ['ecr-cred-helper', ...words].map((word) => `'${word}'`).join(' ');
  const last = String(words.length);
  return printed(
    'bash',
    `COMP_WORDS=(${quoted})\nCOMP_CWORD=${last}\n_ecr_cred_helper\nprintf '%s\\n' "\${COMPREPLY[@]}"`,
  );
}

describe('completion in bash', { skip: missing('bash', 'bash') }, () => {
  const cases: Record<string, [string[], string[]]> = {
    'offers commands': [['comp'], ['completion']],
    'offers flags before a command': [['--dr'], ['--dry-run']],
    'offers flags after a command': [
      ['refresh', '--log'],
      ['--log-level', '--log-format'],
    ],
    'offers the values of a flag': [
      ['--on-conflict', ''],
      ['refuse', 'merge', 'overwrite'],
    ],
    'offers the values of a flag in part': [['refresh', '-o', 'j'], ['json']],
    'offers the values after =': [
      ['--log-format', '=', ''],
      ['auto', 'text', 'json'],
    ],
    'offers the values right at =': [
      ['--log-format', '='],
      ['auto', 'text', 'json'],
    ],
    'offers the values after = in part': [['--log-format', '=', 'a'], ['auto']],
    'offers nothing where a value is free': [['--ecr-secret-name', ''], []],
    'offers files for a kubeconfig': [['--kubeconfig', 'conf'], ['config.yaml']],
    'offers shells': [
      ['completion', ''],
      ['bash', 'zsh', 'fish', '--help', '-h', '--help-all', '--version', '-V'],
    ],
    'offers the commands to explain': [['help', 'r'], ['refresh']],
    'offers no flag of another command': [['completion', '--dr'], []],
  };
  for (const [title, [words, expected]] of Object.entries(cases)) {
    it(title, async () => assert.deepEqual(await offeredByBash(words), expected));
  }

  it('is registered for the program', async () => {
    assert.deepEqual(await printed('bash', 'complete -p ecr-cred-helper'), [
      'complete -F _ecr_cred_helper ecr-cred-helper',
    ]);
  });
});

describe('the completion scripts of every shell', () => {
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    it(`${shell} knows every command, flag and value`, () => {
      const script = completionScript(shell);
      const flags = options.flatMap((option) =>
        option.flags.map((flag) => (shell === 'fish' ? `-l ${flag}` : `--${flag}`)),
      );
      for (const word of [...commandNames, ...flags, ...options.flatMap(({ values }) => values ?? [])]) {
        assert.ok(script.includes(word), word);
      }
      assert.ok(script.endsWith('\n'));
    });
  }
});

describe('completion in fish', { skip: missing('fish', 'fish') }, () => {
  const cases: Record<string, [string, string[]]> = {
    'offers commands': ['comp', ['completion\tPrint a script that completes this command line in a shell']],
    'offers flags before a command': ['--dry', ['--dry-run\tAsk the API server what would change, and change nothing']],
    'offers the values of a flag': [
      'refresh --on-conflict ',
      ['merge', 'overwrite', 'refuse'].map(
        (value) => `${value}\tWhat to do with a secret of that name that holds data of others`,
      ),
    ],
    'offers shells': ['completion ', ['bash', 'fish', 'zsh']],
    'offers files for a kubeconfig': ['--kubeconfig conf', ['config.yaml']],
    'offers no flag of another command': ['completion --dr', []],
  };
  for (const [title, [line, expected]] of Object.entries(cases)) {
    it(title, async () => {
      const offered = await printed('fish', `complete -C 'ecr-cred-helper ${line}'`);
      assert.deepEqual(new Set(offered), new Set(expected));
    });
  }
});

describe('completion in zsh', { skip: missing('zsh', 'zsh') }, () => {
  it('is registered for the program', async () => {
    const register = 'compdef() { print -r -- "$@" }';
    const registered = await withDirectory(async (directory) => {
      await writeFile(join(directory, 'script'), completionScript('zsh'));
      return run('zsh', ['-f', '-c', `${register}; source ${join(directory, 'script')}`]);
    });
    assert.deepEqual(registered, { code: 0, stdout: '_ecr_cred_helper ecr-cred-helper\n', stderr: '' });
  });
});
