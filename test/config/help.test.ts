import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commandNames, commandRow, defaultCommand } from '../../src/config/commands.ts';
import { helpText, versionText } from '../../src/config/help.ts';
import { options } from '../../src/config/options.ts';

describe('help', () => {
  for (const name of commandNames) {
    it(`of ${name} fits 80 columns and begins with what it does`, () => {
      const text = helpText(name);
      for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
      assert.doesNotMatch(text, / $/m);
      assert.ok(text.startsWith(commandRow(name).summary));
      assert.match(text, /[^\n]\n$/);
    });

    it(`of ${name} has every flag of it with its variable, and no other`, () => {
      const text = helpText(name);
      for (const { flags, env, commands } of options) {
        for (const [index, flag] of flags.entries()) {
          const line = text
            .split('\n')
            .find((line) => line.split(/[ ,]+/).includes(`--${flag}`) && line.startsWith('  -'));
          assert.equal(line !== undefined, commands.includes(name), flag);
          if (line !== undefined) assert.ok(line.endsWith(env[index] ?? ''), line);
        }
      }
    });
  }

  it('has the exit codes, an example and every command where no command is named', () => {
    const text = helpText(defaultCommand);
    assert.match(text, /^ {2}2 {2}Configuration or usage is wrong$/m);
    assert.match(text, /^ {4}ecr-cred-helper --dry-run$/m);
    for (const name of commandNames) assert.match(text, new RegExp(`^  ${name} `, 'm'));
  });

  it('shows an option as its spellings, then what it means', () => {
    assert.ok(
      helpText('refresh').includes(
        '\n  --aws-region REGION                AWS_REGION\n' +
          '  --aws-default-region REGION        AWS_DEFAULT_REGION\n' +
          '        Region of the registry where DOCKER_REGISTRY is not set. Default: the\n' +
          '        region of the AWS profile; each host in DOCKER_REGISTRY names its own.\n',
      ),
    );
  });

  it('says how a command with an operand is called', () => {
    assert.match(helpText('completion'), /^ {2}ecr-cred-helper completion <bash\|zsh\|fish>$/m);
  });
});

it('the version is one line', () => assert.equal(versionText('1.2.3'), 'ecr-cred-helper 1.2.3\n'));
