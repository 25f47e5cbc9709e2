import { isAbsolute } from 'node:path';
import { isRecord } from '../../../core/api/reply.ts';
import { fileIn, flagIn, pathIn, textIn, textsIn, titleOf, type Entry } from './entry.ts';
import type { Chosen } from './file.ts';

/** An `exec` entry of a kubeconfig, ready to be run. */
export type Exec = {
  /** `the user jane`. */
  of: string;
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  apiVersion: string;
  installHint: string;
  /** Whether it may ask whoever sits before the terminal. */
  isInteractive: boolean;
};

const API_VERSION = /^client\.authentication\.k8s\.io\/v1(?:beta1)?$/;

/**
 * Reads an `exec` entry, to the rules of client-go's `validateAuthInfo` and of its documentation of credential plugins.
 * @param hasTerminal whether somebody could answer a plugin.
 * @throws for what is not complete, and for a plugin that must ask where nobody is.
 */
export function parseExec(fields: Readonly<Record<string, unknown>>, chosen: Chosen, hasTerminal: boolean): Exec {
  const { user, cluster } = chosen;
  const exec: Entry = { ...user, fields };
  const command = textIn(exec, 'command');
  const apiVersion = textIn(exec, 'apiVersion');
  const of = `the exec plugin of ${titleOf(user)}`;
  if (command === '') throw new Error(`${of} names no command`);
  if (!API_VERSION.test(apiVersion)) {
    throw new Error(`${of} has the apiVersion ${apiVersion || '(none)'}; v1 and v1beta1 are supported`);
  }
  const isInteractive = interactivity(textIn(exec, 'interactiveMode'), { apiVersion, hasTerminal, of });
  const info = {
    apiVersion,
    kind: 'ExecCredential',
    spec: {
      interactive: isInteractive,
      ...(flagIn(exec, 'provideClusterInfo') ? { cluster: clusterInfo(cluster) } : {}),
    },
  };
  return {
    of: titleOf(user),
    // A path is relative to the file; a bare name is looked up in PATH.
    command: command.includes('/') && !isAbsolute(command) ? pathIn(user, command) : command,
    args: textsIn(exec, 'args'),
    env: { ...variables(fields['env'], of), KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    apiVersion,
    installHint: textIn(exec, 'installHint'),
    isInteractive,
  };
}

type Mode = { apiVersion: string; hasTerminal: boolean; of: string };

function interactivity(mode: string, { apiVersion, hasTerminal, of }: Mode): boolean {
  // v1beta1 alone has a default.
  switch (mode === '' && apiVersion.endsWith('v1beta1') ? 'IfAvailable' : mode) {
    case 'Never':
      return false;
    case 'IfAvailable':
      return hasTerminal;
    case 'Always':
      if (!hasTerminal) throw new Error(`${of} needs a terminal (interactiveMode: Always)`);
      return true;
    default:
      throw new Error(`${of} has the interactiveMode ${mode || '(none)'}; it has to be Never, IfAvailable or Always`);
  }
}

/** What a plugin may know of the cluster, under the same names; the authority as data. */
const ofCluster = [
  'server',
  'tls-server-name',
  'insecure-skip-tls-verify',
  'certificate-authority-data',
  'proxy-url',
  'disable-compression',
];

function clusterInfo(cluster: Entry): Record<string, unknown> {
  const { fields } = cluster;
  const extension = listOf(fields['extensions']).find((each) => each['name'] === 'client.authentication.k8s.io/exec');
  const ca = textIn(cluster, 'certificate-authority');
  return {
    ...(ca === ''
      ? {}
      : { 'certificate-authority-data': Buffer.from(fileIn(cluster, 'certificate-authority')).toString('base64') }),
    ...Object.fromEntries(ofCluster.filter((name) => name in fields).map((name) => [name, fields[name]])),
    ...(extension === undefined ? {} : { config: extension['extension'] }),
  };
}

/** @throws for one without a name. */
function variables(value: unknown, of: string): Record<string, string> {
  const pairs = listOf(value).map((each) => {
    const [name, set] = [each['name'], each['value'] ?? ''];
    if (typeof name !== 'string' || name === '' || typeof set !== 'string') {
      throw new Error(`${of} has an env entry without a name and a text as its value`);
    }
    return [name, set];
  });
  return Object.fromEntries(pairs);
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
