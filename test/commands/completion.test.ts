/** The completion scripts in real shells, which ask the program as it stands here; kubectl, too. */
import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { startKubernetes, type Kubernetes } from '../../emulators/kubernetes/index.ts';
import { completionScript, type Shell } from '../../src/config/completion.ts';
import { missing, run } from '../emulators/tools.ts';
import { bundledTool } from '../support/bundled-tools.ts';
import { shippedProgram, type ShippedProgram } from '../support/shipped-program.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';

const eks = 'arn:aws:eks:eu-west-1:123456789012:cluster/prod';
/** What a file may hold that somebody was sent. */
const hostile = ['$(touch pwned)', '`touch pwned`', 'a\u001b[2Jb', 'two\nlines'];

let kubernetes: Kubernetes;
let program: ShippedProgram;
let directory: string;
let env: Record<string, string>;

before(async () => {
  kubernetes = await startKubernetes();
  for (const name of ['shop', 'shipping']) kubernetes.createNamespace(name);
  kubernetes.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-0', namespace: 'shop' },
    spec: { containers: [{ name: 'web', image: 'web' }] },
  });
  directory = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-'));
  const bin = join(directory, 'bin');
  await mkdir(bin);
  program = await shippedProgram();
  for (const name of ['ecr-cred-helper', 'kubectl-ecr_creds', 'kubectl_complete-ecr_creds']) {
    // Node has no way to be told another name than the file's.
    await writeFile(join(bin, `${name}.ts`), `import ${JSON.stringify(program.path)};\n`);
    await writeFile(join(bin, name), `#!/bin/sh\nexec "${process.execPath}" "${join(bin, name)}.ts" "$@"\n`);
    await chmod(join(bin, name), 0o755);
  }
  const config = parse(kubernetes.kubeconfig());
  const [{ context }] = config.contexts;
  for (const name of [eks, 'staging', ...hostile]) config.contexts.push({ name, context });
  await writeFile(join(directory, 'kubeconfig'), JSON.stringify(config));
  await writeFile(join(directory, 'config.yaml'), '');
  const path = [bin, join(await bundledTool('kubectl'), '..'), process.env['PATH']].join(delimiter);
  env = { HOME: directory, KUBECONFIG: join(directory, 'kubeconfig'), PATH: path };
});
after(async () => {
  await Promise.all([kubernetes.close(), program.close()]);
  await rm(directory, { recursive: true, force: true });
});

/** What a shell prints that has read its completions and then the text. Its own start-up files change nothing. */
async function printed(shell: Shell, text: string): Promise<string[]> {
  const quiet = { bash: ['--norc', '--noprofile', '-u'], zsh: ['-f'], fish: ['--no-config'] }[shell];
  const script = join(directory, `script.${shell}`);
  await writeFile(script, `${completionScript(shell)}\n${text}`);
  const { stdout, stderr } = await run(shell, [...quiet, '-c', `cd ${directory}; source ${script}`], env);
  assert.equal(stderr, '');
  return stdout.split('\n').filter((line) => line !== '');
}

describe('completion in bash', { skip: missing('bash', 'bash') }, () => {
  const cases: Record<string, [string, string[]]> = {
    'offers commands': ['comp', ['completion']],
    'offers flags': ['refresh --log', ['--log-level', '--log-format']],
    'offers the values of a flag': ['--on-conflict ', ['refuse', 'merge', 'overwrite']],
    'offers the values behind =': ['--log-format=a', ['auto']],
    'offers namespaces of the cluster': ['status -n sh', ['shipping', 'shop']],
    'offers the pods of a namespace': ['explain -n shop ', ['web-0']],
    'offers contexts': ['status --context st', ['staging']],
    'offers a context of EKS, of which bash holds what is before the last colon for a word': [
      'status --context arn:aws:eks:eu',
      ['eu-west-1:123456789012:cluster/prod'],
    ],
    'offers a context of EKS behind =': ['status --context=arn:aws:ek', ['eks:eu-west-1:123456789012:cluster/prod']],
    'offers files for a kubeconfig': ['--kubeconfig conf', ['config.yaml']],
    'offers nothing for what is taken for options by no command': ['status --nonsense ', []],
  };
  for (const [title, [line, expected]] of Object.entries(cases)) {
    it(title, async () => assert.deepEqual(await offeredByBash(line), expected));
  }

  it('offers nothing of a kubeconfig that would not be that name, and runs nothing of it', async () => {
    const offered = await offeredByBash('status --context ');
    // Nobody can type them without quotes, but they are what they are.
    assert.deepEqual(offered, ['emulator', eks, 'staging', '$(touch pwned)', '`touch pwned`']);
    assert.ok(!(await readdir(directory)).includes('pwned'));
  });

  it('runs nothing of what has been typed', async () => {
    await offeredByBash('status --context $(touch pwned)');
    assert.ok(!(await readdir(directory)).includes('pwned'));
  });

  it('may be read twice, and is registered for the program', async () => {
    const again = `source <(ecr-cred-helper completion bash)\ncomplete -p ecr-cred-helper`;
    assert.deepEqual(await printed('bash', again), ['complete -F _ecr_cred_helper ecr-cred-helper']);
  });

  function offeredByBash(line: string): Promise<string[]> {
    const whole = `ecr-cred-helper ${line}`.replaceAll("'", String.raw`'\''`);
    return printed(
      'bash',
      `COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'\nCOMP_LINE='${whole}'\nCOMP_POINT=\${#COMP_LINE}\n_ecr_cred_helper\n` +
        `printf '%s\\n' "\${COMPREPLY[@]+"\${COMPREPLY[@]}"}"`,
    );
  }
});

describe('completion in fish', { skip: missing('fish', 'fish') }, () => {
  const cases: Record<string, [string, string[]]> = {
    'offers commands': ['comp', ['completion\tPrint a script that completes this command line in a shell']],
    'offers flags': ['--dry', ['--dry-run\tAsk the API server what would change, and change nothing']],
    'offers the values of a flag': ['refresh --on-conflict ', ['merge', 'overwrite', 'refuse']],
    'offers the values behind =': ['refresh --on-conflict=m', ['--on-conflict=merge']],
    'offers shells': ['completion ', ['bash', 'fish', 'zsh']],
    'offers namespaces': ['status -n shop', ['shop']],
    'offers a context of EKS': ['status --context arn', [eks]],
    'offers files for a kubeconfig': ['--kubeconfig conf', ['config.yaml']],
    'offers files behind =': ['--kubeconfig=conf', ['--kubeconfig=config.yaml']],
    'offers no flag of another command': ['completion --dr', []],
  };
  for (const [title, [line, expected]] of Object.entries(cases)) {
    it(title, async () => {
      const offered = await printed('fish', `complete -C 'ecr-cred-helper ${line}'`);
      assert.deepEqual(new Set(offered), new Set(expected));
    });
  }
});

describe('completion in zsh', { skip: missing('zsh', 'zsh') || missing('tmux', 'tmux') }, () => {
  const cases: Record<string, [typed: string, becomes: string]> = {
    'of a command': ['stat', 'status'],
    'of a flag': ['status --prob', 'status --problems'],
    'of a value behind =': ['status --output=wi', 'status --output=wide'],
    'of a namespace': ['status -n shi', 'status -n shipping'],
    'of a context of EKS': ['status --context arn', `status --context ${eks}`],
    'of a file': ['status --kubeconfig conf', 'status --kubeconfig config.yaml'],
  };
  let terminal: Terminal;
  before(async () => {
    terminal = await openTerminal(120, `cd ${directory} && PS1='%% ' TMPDIR=${directory} zsh -f -i`, env);
    await terminal.type(
      'autoload -U compinit; compinit -u -D; source <(ecr-cred-helper completion zsh); echo read${:-y}',
    );
    await terminal.press('Enter');
    await terminal.shows(/^ready$/m);
  });
  after(() => terminal.close());
  for (const [title, [typed, becomes]] of Object.entries(cases)) {
    it(title, async () => {
      await terminal.type(`ecr-cred-helper ${typed}`);
      await terminal.press('Tab');
      await terminal.shows(new RegExp(`ecr-cred-helper ${becomes.replaceAll(/[.\\-]/g, String.raw`\$&`)}`));
      // The line is given up by the shell's own key: at C-c a terminal forgets what has been typed behind it, too.
      await terminal.press('C-u');
    });
  }
});

describe('as a plugin of kubectl', () => {
  const kubectl = async (...args: string[]) => run(await bundledTool('kubectl'), args, env);

  it('is found by kubectl, and takes its flags', async () => {
    const { code, stdout, stderr } = await kubectl(
      'ecr-creds',
      'status',
      '--context',
      'staging',
      '-n',
      'shop',
      '-o',
      'json',
    );
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout).namespaces, []);
  });

  it('writes nothing where no command is named, and calls itself what was typed', async () => {
    const { code, stdout } = await kubectl('ecr-creds');
    assert.equal(code, 0);
    assert.match(stdout, /^ {2}kubectl ecr-creds \[command\] \[options\]$/m);
    assert.doesNotMatch(stdout, /^ +ecr-cred-helper /m);
  });

  it('has its lines completed by kubectl', async () => {
    const { stdout } = await kubectl('__complete', 'ecr-creds', 'explain', '-n', 'shop', '');
    assert.match(stdout, /^web-0\t?\n:4$/m);
    assert.match((await kubectl('__complete', 'ecr-creds', 'status', '--conte')).stdout, /^--context\t.*\n:4$/m);
  });
});
