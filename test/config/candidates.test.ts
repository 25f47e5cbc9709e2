import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { offerFor } from '../../src/config/candidates.ts';
import { commandNames } from '../../src/config/commands.ts';
import { options } from '../../src/config/options.ts';

/** The words that fit what has been begun, or the kind of names that are to be asked for. */
function offered(line: string): string[] | string {
  const { offer, begun } = offerFor(line.split(' '));
  if (offer.kind !== 'known') return begun === '' ? offer.kind : `${offer.kind}: ${begun}`;
  return offer.candidates.map(({ value }) => value).filter((value) => value.startsWith(begun));
}

describe('what may stand at the end of a line', () => {
  const cases: Record<string, [line: string, expected: string[] | string]> = {
    'a command, at first': ['', [...commandNames]],
    'a command in part': ['comp', ['completion']],
    'flags of a pass, where no command is named': ['--dr', ['--dry-run']],
    'flags of the command': ['refresh --log', ['--log-level', '--log-format']],
    'of several spellings of a flag the first': ['refresh --docker', []],
    'a short flag': ['status -', ['-n', '-w']],
    'no flag of another command': ['status --dr', []],
    'the switches that every command has': ['completion --', ['--help', '--help-all', '--version']],
    'the values of a flag': ['--on-conflict ', ['refuse', 'merge', 'overwrite']],
    'the values of a short flag, in part': ['refresh -o j', ['json']],
    'the values behind =': ['--log-format=', ['auto', 'text', 'json']],
    'the values behind =, in part': ['refresh --log-format=a', ['auto']],
    'nothing where a value is free': ['--secret-name ', []],
    'nothing of a flag that does not exist': ['--nonsense=', []],
    'files for a kubeconfig': ['--kubeconfig conf', 'files: conf'],
    contexts: ['status --context ', 'contexts'],
    'contexts behind =': ['status --context=arn:', 'contexts: arn:'],
    'namespaces, by either flag': ['status -n sh', 'namespaces: sh'],
    'namespaces for the Lease': ['controller --lease-namespace ', 'namespaces'],
    'the pods that may be explained': ['explain -n shop ', 'pods'],
    'nothing behind the pod': ['explain web-0 ', []],
    shells: ['completion ', ['bash', 'zsh', 'fish']],
    'the commands to explain': ['help r', ['refresh']],
    'nothing that a command does not take': ['status ', []],
    'the command behind the value of a flag': ['--context status ', [...commandNames]],
    'the command behind a switch': ['--dry-run ref', ['refresh']],
  };
  for (const [title, [line, expected]] of Object.entries(cases)) {
    it(title, () => {
      const found = offered(line);
      const isShort = title === 'a short flag';
      assert.deepEqual(
        isShort && Array.isArray(found) ? found.filter((word) => /^-[nw]$/.test(word)) : found,
        expected,
      );
    });
  }

  it('is never a command that only programs run', () => {
    assert.ok(!offered('').includes('complete'));
    assert.deepEqual(offered('help comple'), ['completion']);
  });

  it('is every flag of every command', () => {
    for (const name of commandNames) {
      const own = options.filter(({ commands }) => commands.includes(name)).map(({ flags }) => `--${flags[0]}`);
      const found = offered(`${name} --`);
      assert.deepEqual(
        own.filter((flag) => !found.includes(flag)),
        [],
      );
    }
  });
});
