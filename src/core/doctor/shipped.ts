import { shellWord } from '../text/shell.ts';

const project = 'https://github.com/ecr-cred-helper/ecr-cred-helper';
const chart = 'oci://ghcr.io/ecr-cred-helper/charts/ecr-cred-helper';

/** A release of Helm's that is of our chart, and of which version of that. */
export type Release = { name: string; namespace: string; version: string };

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

/**
 * The command that changes one value of a release, and nothing else of it. What kubectl changes there is gone with the next upgrade.
 */
export function upgradeCommand({ name, namespace, version }: Release, path: string, value: string | boolean): string {
  const from = `${chart} --version ${shellWord(version)}`;
  const set = shellWord(`${path}=${JSON.stringify(value)}`);
  return `helm upgrade ${shellWord(name)} ${from} -n ${namespace} --reset-then-reuse-values --set-json ${set}`;
}
