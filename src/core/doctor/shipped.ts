import { shellWord } from '../text/shell.ts';

const project = 'https://github.com/ecr-cred-helper/ecr-cred-helper';

/**
 * The command that installs a part of `deploy/` as it came with this program.
 * @param version of the program; one that was never released is run from the checkout that it is in.
 */
export function installCommand(part: 'cronjob' | 'fence', version: string): string {
  const isReleased = /^\d+\.\d+\.\d+$/.test(version);
  return `kubectl apply -k ${isReleased ? shellWord(`${project}//deploy/${part}?ref=v${version}`) : `deploy/${part}`}`;
}
