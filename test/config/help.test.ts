import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commandHelp } from '../../src/config/command-help.ts';
import { commandNames, commandRow } from '../../src/config/commands.ts';
import { helpText, programHelp } from '../../src/config/help.ts';
import { options } from '../../src/config/options.ts';
import { parseConfiguration } from '../../src/config/parse.ts';

const flagLines = (text: string) => text.split('\n').filter((line) => /^ {2}-/.test(line));
const flagsIn = (text: string) => flagLines(text).flatMap((line) => line.match(/--[a-z-]+/g) ?? []);

describe('help', () => {
  for (const [what, text] of [
    ['the program', programHelp()],
    ...commandNames.flatMap((name) =>
      (['short', 'all'] as const).map((depth) => [name, helpText(name, depth)] as const),
    ),
  ] as const) {
    it(`of ${what} fits 80 columns (${text.length} characters)`, () => {
      for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
      assert.doesNotMatch(text, / $/m);
      assert.match(text, /[^\n]\n$/);
    });
  }

  for (const name of commandNames) {
    it(`of ${name} begins with what it does, and has examples and its own exit codes`, () => {
      const text = helpText(name, 'short');
      assert.ok(text.startsWith(`${commandRow(name).summary}.\n\n${commandHelp[name].about.slice(0, 20)}`));
      assert.match(text, /^Examples:\n {2}\S/m);
      for (const { code, meaning } of commandHelp[name].exits) {
        assert.match(text, new RegExp(`^ {2}${code} +${meaning.split(' ').slice(0, 3).join(' ')}`, 'm'));
      }
    });

    it(`of ${name} has every flag of it with its variables, and no other, where all is asked for`, () => {
      const text = helpText(name, 'all');
      for (const { flags, env, commands } of options) {
        const line = flagLines(text).find((line) => line.split(/[ ,]+/).includes(`--${flags[0]}`));
        assert.equal(line !== undefined, commands.includes(name), flags[0]);
        if (line !== undefined) assert.ok(line.endsWith(env.join(', ')), line);
        for (const flag of flags.slice(1)) assert.equal(text.includes(`--${flag}`), commands.includes(name), flag);
      }
    });

    it(`of ${name} is short where it is not, and says how to see the rest`, () => {
      const text = helpText(name, 'short');
      assert.ok(text.split('\n').length < 60, text);
      const own = options.filter(({ commands }) => commands.includes(name));
      if (own.length === 0) return;
      assert.ok(flagsIn(text).length < flagsIn(helpText(name, 'all')).length);
      assert.match(text, new RegExp(`ecr-cred-helper ${name} --help-all`));
    });

    for (const [aim, ...lines] of commandHelp[name].examples) {
      it(`of ${name} gives an example (${aim}) that the program takes`, () => {
        const words = lines.join(' ').replaceAll('\\ ', '').split('|')[0]?.trim().split(/ +/) ?? [];
        const at = words.indexOf('ecr-cred-helper');
        if (at === -1 || words.includes('<(ecr-cred-helper')) return;
        const end = words.indexOf('>') === -1 ? words.length : words.indexOf('>');
        const argv = words.slice(at + 1, end);
        const env = { AWS_REGION: 'eu-west-1' };
        const configuration = parseConfiguration({ argv, env, homeDirectory: '/', readFile: () => undefined });
        assert.ok(configuration.ok, JSON.stringify(configuration));
        assert.equal(configuration.command, configuration.command === 'help' ? 'help' : name);
      });
    }
  }

  it('of the program says what it is, names every command, and is one screen', () => {
    const text = programHelp();
    assert.match(text, /^Keeps a working Amazon ECR pull secret/);
    for (const name of commandNames) assert.match(text, new RegExp(`^  ${name} `, 'm'));
    assert.ok(text.split('\n').length <= 30);
  });

  it('shows an option with its variables, then what it means', () => {
    assert.ok(
      helpText('refresh', 'all').includes(
        '\n  --region REGION              AWS_REGION, AWS_DEFAULT_REGION\n' +
          '        Region of the registry where DOCKER_REGISTRY is not set. Default: the\n' +
          '        region of the AWS profile; each host in DOCKER_REGISTRY names its own.\n' +
          '        Also --aws-region, --aws-default-region.\n',
      ),
    );
  });

  it('says how a command with an operand is called', () => {
    assert.match(helpText('completion', 'short'), /^ {2}ecr-cred-helper completion <bash\|zsh\|fish>$/m);
  });
});
