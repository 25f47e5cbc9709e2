import { commandNames } from './commands.ts';

/** What the program is called in every text of its own. */
export const program = 'ecr-cred-helper';

/** How it was started, and what is to be typed to start it like that again. */
export type CalledAs = {
  name: string;
  /** Its arguments, without itself. */
  argv: readonly string[];
};

/**
 * What was typed to run this process. kubectl runs `kubectl-ecr_creds` for `kubectl ecr-creds`, and `kubectl_complete-ecr_creds`
 * for what may follow that: https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/
 * @param argv of the process, from the script on.
 */
export function calledAs([script = '', ...argv]: readonly string[], env: Environment): CalledAs {
  const file = script.split(/[/\\]/).at(-1) ?? '';
  if (file.startsWith('kubectl_complete-ecr_creds')) return { name: plugin, argv: ['complete', '--', ...argv] };
  // Somebody who looks what a plugin does, and names no command, does not mean to write into a cluster.
  if (file.startsWith('kubectl-ecr_creds')) return { name: plugin, argv: argv.length === 0 ? ['help'] : argv };
  if (env['npm_lifecycle_event'] === 'start' && env['npm_package_name'] === program) {
    return { name: 'npm start --silent --', argv };
  }
  return { name: env['npm_command'] === 'exec' ? `npx ${program}` : program, argv };
}

type Environment = Readonly<Record<string, string | undefined>>;

const plugin = 'kubectl ecr-creds';

/** Where a command begins: in a line of its own, behind a colon or a pipe, or behind a word that leads to one. */
const commands = new RegExp(
  String.raw`(?<=^|\n|: |\| | {2}|\b[Ss]ee )${program} (?=(?:${commandNames.join('|')})\b|--[a-z]|[[<])`,
  'g',
);

/** The text, with what it has somebody type as it works here. */
export function asCalled(text: string, name: string): string {
  return name === program ? text : text.replaceAll(commands, `${name} `);
}
