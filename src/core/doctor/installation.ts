import { recordsAt } from '../api/reply.ts';
import { nearest } from '../failures/suggest.ts';
import { shellWord } from '../text/shell.ts';
import { couldNotLook, finding, type Finding } from './finding.ts';
import { holderName, type Held, type PodView, type Reference } from './pod-template.ts';
import { upgradeCommand } from './shipped.ts';
import { containerOf, workloadName, type Workload } from './workload-facts.ts';

/** One way in which the program runs in the cluster, with everything that its pods are given. */
export type Installation = {
  workload: Workload;
  references: readonly Reference[];
  /** By {@link holderName}. */
  held: ReadonlyMap<string, Held>;
  /** Whether its ServiceAccount is there; undefined where nobody could look. */
  hasAccount: boolean | undefined;
  view: PodView;
};

/** What a setting of an installation has to be changed with, so that the next pod has it. */
export type SetCommand = (variable: string, value: string) => string;

/**
 * The command that changes a setting where the installation takes it from: the values of a release of Helm's, a ConfigMap, or the
 * template itself.
 */
export function setCommandOf({ workload, references }: Pick<Installation, 'workload' | 'references'>): SetCommand {
  const { kind, namespace, name, release } = workload;
  if (release !== undefined) return (variable, value) => upgradeCommand(release, `settings.${variable}`, value);
  const on = `kubectl -n ${namespace}`;
  const object = `${kind.toLowerCase()}/${name}`;
  const restart = restartOf(workload);
  return (variable, value) => {
    const from = references.find((reference) => reference.variable === variable && reference.kind === 'ConfigMap');
    if (from === undefined) return `${on} set env ${object} ${variable}=${shellWord(value)}`;
    const patch = JSON.stringify({ data: { [from.key ?? variable]: value } });
    return `${on} patch configmap ${shellWord(from.name)} --type=merge -p ${shellWord(patch)}${restart}`;
  };
}

/** The pods of a Deployment read their settings once. */
function restartOf({ kind, namespace, name }: Pick<Workload, 'kind' | 'namespace' | 'name'>): string {
  return kind === 'Deployment' ? ` && kubectl -n ${namespace} rollout restart deployment/${name}` : '';
}

/** The command that runs doctor with everything that the installation's own pods are given, and shows what it says. */
export function asItself({ kind, namespace, name, podSpec }: Workload): string {
  const on = `kubectl -n ${namespace}`;
  const container = containerOf(podSpec);
  if (kind === 'Deployment') {
    return `${on} exec deployment/${name} -c ${String(container['name'])} -- node /app/ecr-cred-helper.cjs doctor`;
  }
  const index = Math.max(0, recordsAt(podSpec, 'containers').indexOf(container));
  const patch = [
    { op: 'add', path: '/spec/backoffLimit', value: 0 },
    { op: 'add', path: `/spec/template/spec/containers/${index}/args`, value: ['doctor'] },
  ];
  const job = `${name}-doctor`;
  const made = `${on} create job ${job} --from=cronjob/${name} --dry-run=client -o json`;
  const patched = `kubectl patch --local -f - --type=json -p ${shellWord(JSON.stringify(patch))} -o json`;
  const shown = `${on} logs -f --pod-running-timeout=2m job/${job}; ${on} delete job ${job}`;
  return `${made} | ${patched} | ${on} create -f - && ${shown}`;
}

/** What its pods are given, and what of that is not there. */
export function findInstallation(installation: Installation): Finding[] {
  const unread = findUnread(installation);
  const mistyped = new Set(unread.flatMap(({ reason, looked }) => (reason === 'KeyMistyped' ? [looked] : [])));
  return [
    ...findAccount(installation),
    ...findReferences(installation),
    ...unread,
    // It is there, under another name: that has been said.
    ...findCredentials(installation).filter(({ looked }) => !mistyped.has(looked)),
  ];
}

/** Whether something is nowhere that no run goes well without. */
export function isIncomplete(installation: Installation): boolean {
  const lacking = [...findAccount(installation), ...findReferences(installation), ...findCredentials(installation)];
  return lacking.some(({ severity }) => severity === 'problem');
}

function findAccount({ workload, hasAccount }: Installation): Finding[] {
  if (hasAccount === true) return [];
  const { namespace, serviceAccount } = workload;
  const found = `there is no such ServiceAccount, so ${workloadName(workload)} gets no pod`;
  const looked = `serviceaccount ${namespace}/${serviceAccount}`;
  if (hasAccount === undefined) {
    const hint = `Run doctor as somebody who may read it: kubectl auth can-i get serviceaccount/${serviceAccount} -n ${namespace}`;
    return [couldNotLook('configuration/installation', looked, 'it may not be read', hint)];
  }
  return [finding('ServiceAccountMissing', { looked, found, namespace, name: serviceAccount })];
}

/** What a kubelet does not start the container without. */
function findReferences({ workload, references, held }: Installation): Finding[] {
  const { namespace } = workload;
  const lacking = new Map<string, { reference: Reference; keys: string[] }>();
  const unseen = new Map<string, Finding>();
  for (const reference of references) {
    const name = holderName(reference);
    const found = held.get(name);
    if (found?.kind === 'unseen') unseen.set(name, unseenHolder(reference, namespace, found.why));
    if (reference.optional || !isLacking(reference, found)) continue;
    const entry = lacking.get(name) ?? { reference, keys: [] };
    if (reference.key !== undefined) entry.keys.push(reference.key);
    lacking.set(name, entry);
  }
  const missing = [...lacking.values()].map(({ reference, keys }) => {
    const isAbsent = held.get(holderName(reference))?.kind === 'absent';
    const what = isAbsent ? 'it does not exist' : `it has no key ${keys.join(', ')}`;
    const found = `${what}, and ${workloadName(workload)} does not start without it`;
    const looked = `${reference.kind.toLowerCase()} ${namespace}/${reference.name}`;
    return finding('ReferenceMissing', { looked, found, make: makeCommand(reference, keys, namespace) });
  });
  return [...unseen.values(), ...missing];
}

function unseenHolder({ kind, name }: Reference, namespace: string, why: string): Finding {
  const hint = `Run doctor as somebody who may read it: kubectl auth can-i get ${shellWord(`${kind.toLowerCase()}/${name}`)} -n ${namespace}`;
  return couldNotLook('configuration/installation', `${kind.toLowerCase()} ${namespace}/${name}`, why, hint);
}

function isLacking({ key }: Reference, held: Held | undefined): boolean {
  if (held?.kind === 'absent') return true;
  return held?.kind === 'held' && key !== undefined && !Object.hasOwn(held.entries, key);
}

/** Values come from variables or files of the shell that it is pasted into, so that none stands in its history. */
function makeCommand(
  { kind, name }: Pick<Reference, 'kind' | 'name'>,
  keys: readonly string[],
  namespace: string,
): string {
  const what = `${kind === 'Secret' ? 'secret generic' : 'configmap'} ${shellWord(name)}`;
  const given = keys.map((key) => {
    if (key === 'credentials') return '--from-file=credentials="$HOME/.aws/credentials"';
    return /^[A-Za-z_]\w*$/.test(key) ? `--from-literal=${key}="$${key}"` : `--from-file=${shellWord(key)}`;
  });
  const made = `kubectl -n ${namespace} create ${[what, ...given].join(' ')} --dry-run=client -o yaml`;
  return `${made} | kubectl apply --server-side -f -`;
}

/** Keys of what is taken by name that nobody takes: most likely mistyped. */
function findUnread({ workload, references, held }: Installation): Finding[] {
  const { namespace } = workload;
  return [...held].flatMap(([name, holder]) => {
    const own = references.filter((reference) => holderName(reference) === name);
    const [first] = own;
    if (holder.kind !== 'held' || first === undefined || own.some(({ key }) => key === undefined)) return [];
    const taken = new Set(own.map(({ key = '' }) => key));
    const free = [...taken].filter((key) => !Object.hasOwn(holder.entries, key));
    const unread = Object.keys(holder.entries).filter((key) => !taken.has(key));
    return unread.map((key) => {
      const looked = `${first.kind.toLowerCase()} ${namespace}/${first.name}`;
      const meant = nearest(key, free);
      const found = `${workloadName(workload)} takes its keys by name, and not ${key}`;
      if (meant === undefined) return finding('KeyUnread', { looked, found });
      const patch = JSON.stringify([{ op: 'move', from: `/data/${key}`, path: `/data/${meant}` }]);
      const object = `${first.kind.toLowerCase()} ${shellWord(first.name)}`;
      const move = `kubectl -n ${namespace} patch ${object} --type=json -p ${shellWord(patch)}${restartOf(workload)}`;
      return finding('KeyMistyped', { looked, found, meant, move });
    });
  });
}

/** What of the environment can give AWS credentials by itself; files count where they are mounted from what is there. */
const sources = [
  ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  ['AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE'],
  ['AWS_CONTAINER_CREDENTIALS_FULL_URI'],
  ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'],
] as const;

/** A key that the pods are to be given, and that is nowhere: an optional Secret keeps nobody from starting. */
function findCredentials(installation: Installation): Finding[] {
  const { workload, held, view } = installation;
  const { namespace } = workload;
  // Of half a key more is said where the settings are judged.
  if (sources.some((names) => names.some((name) => view.env[name] !== undefined))) return [];
  if (keyFiles(view).some((path) => view.readFile(path) !== undefined)) return [];
  const forKeys = keyReferences(installation);
  const from = keyHolder(forKeys);
  if (from === undefined || forKeys.some((reference) => held.get(holderName(reference))?.kind === 'unseen')) return [];
  const isAbsent = held.get(holderName(from))?.kind === 'absent';
  const found = `${workloadName(workload)} takes its AWS key from it, and ${isAbsent ? 'it does not exist' : `none of the keys that it takes is in it`}`;
  const make = makeCommand(from, keysIn(from), namespace);
  return [finding('KeyAbsent', { looked: `secret ${namespace}/${from.name}`, found, make })];
}

/** The command that gives an installation another AWS key; undefined where it takes none from a Secret. */
export function giveKeyCommand(installation: Installation): string | undefined {
  const from = keyHolder(keyReferences(installation));
  if (from === undefined) return undefined;
  const { workload } = installation;
  // Whoever made the Secret owns what is in it; what is mounted reaches pods by itself.
  const made = makeCommand(from, keysIn(from), workload.namespace).replace(
    '--server-side',
    '--server-side --force-conflicts',
  );
  return from.variable === undefined ? made : `${made}${restartOf(workload)}`;
}

function keyReferences({ references, view }: Installation): Reference[] {
  const files = keyFiles(view);
  return references.filter(
    ({ kind, variable, path }) =>
      kind === 'Secret' && (variable === 'AWS_ACCESS_KEY_ID' || (path !== undefined && files.includes(path))),
  );
}

function keyFiles({ env }: PodView): string[] {
  return ['AWS_SHARED_CREDENTIALS_FILE', 'AWS_CONFIG_FILE'].map((name) => env[name] ?? '');
}

function keyHolder(forKeys: readonly Reference[]): Reference | undefined {
  return forKeys.find(({ key }) => key === 'credentials') ?? forKeys[0];
}

function keysIn({ key }: Reference): string[] {
  return key === 'credentials' ? ['credentials'] : ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
}

/** Whether settings that the pods are given could not be read: then nobody can tell what they do. */
export function settingsUnseen({ references, held }: Pick<Installation, 'references' | 'held'>): boolean {
  return references.some(
    (reference) => reference.kind === 'ConfigMap' && held.get(holderName(reference))?.kind === 'unseen',
  );
}
