import { shellWord } from '../text/shell.ts';

const project = 'https://github.com/ecr-cred-helper/ecr-cred-helper';

/**
 * The command that installs a part of `deploy/` as it came with this program.
 * @param version of the program; one that was never released is run from the checkout that it is in.
 */
export function installCommand(part: 'cronjob' | 'fence', version: string): string {
  // What is already there stays as it is; the fence has no namespace.
  const namespace =
    'kubectl create namespace ecr-cred-helper --save-config --dry-run=client -o yaml | kubectl apply -f -';
  const first = part === 'cronjob' ? `${namespace} && ` : '';
  const isReleased = /^\d+\.\d+\.\d+$/.test(version);
  return `${first}kubectl apply -k ${isReleased ? shellWord(`${project}//deploy/${part}?ref=v${version}`) : `deploy/${part}`}`;
}
