import { isRecord, recordAt, recordsAt, text } from '../api/reply.ts';
import { containerOf } from './workload-facts.ts';

export type HolderKind = 'ConfigMap' | 'Secret';

/** What a pod takes from a ConfigMap or a Secret of its namespace. */
export type Reference = {
  kind: HolderKind;
  name: string;
  /** Absent: every key. */
  key?: string;
  /** Without one that is not optional the container is not started. */
  optional: boolean;
  /** The variable that it becomes; absent for files and for a whole environment. */
  variable?: string;
  /** The file that it becomes. */
  path?: string;
};

/** What a ConfigMap or a Secret was found to hold. */
export type Held = { kind: 'held'; entries: Readonly<Record<string, string>> } | { kind: 'absent' } | Unseen;

/** Nobody could look. */
export type Unseen = { kind: 'unseen'; why: string };

/** Where a variable of a pod comes from. */
export type Origin = { kind: HolderKind; name: string } | { kind: 'template' } | { kind: 'ServiceAccount' };

/** What the program finds in its pod, as far as it can be told from outside. */
export type PodView = {
  /** Behind the program's own name. Undefined where the template starts something else than the image does. */
  argv: readonly string[] | undefined;
  env: Readonly<Record<string, string>>;
  origins: ReadonlyMap<string, Origin>;
  /** Of what is mounted from ConfigMaps and Secrets; undefined where nothing is. */
  readonly readFile: (path: string) => string | undefined;
};

/** Everything that the program's container takes from ConfigMaps and Secrets, in the order in which a kubelet does. */
export function referencesOf(podSpec: Record<string, unknown>): Reference[] {
  const container = containerOf(podSpec);
  return [
    ...recordsAt(container, 'envFrom').flatMap((source) => [
      ...reference('ConfigMap', recordAt(source, 'configMapRef')),
      ...reference('Secret', recordAt(source, 'secretRef')),
    ]),
    ...recordsAt(container, 'env').flatMap((entry) => {
      const from = recordAt(entry, 'valueFrom');
      const variable = text(entry['name']);
      return [
        ...reference('ConfigMap', recordAt(from, 'configMapKeyRef'), { variable }),
        ...reference('Secret', recordAt(from, 'secretKeyRef'), { variable }),
      ];
    }),
    ...recordsAt(container, 'volumeMounts').flatMap((mount) => mounted(mount, podSpec)),
  ];
}

function reference(kind: HolderKind, ref: Record<string, unknown>, of: Partial<Reference> = {}): Reference[] {
  const name = text(ref['name']) || text(ref['secretName']);
  if (name === '') return [];
  const key = text(ref['key']);
  return [{ kind, name, optional: ref['optional'] === true, ...(key === '' ? {} : { key }), ...of }];
}

function mounted(mount: Record<string, unknown>, podSpec: Record<string, unknown>): Reference[] {
  const volume = recordsAt(podSpec, 'volumes').find(({ name }) => name === mount['name']);
  const sources = [recordAt(volume, 'configMap'), ...projected(volume, 'configMap')].map(
    (source) => ['ConfigMap', source] as const,
  );
  const secrets = [recordAt(volume, 'secret'), ...projected(volume, 'secret')].map(
    (source) => ['Secret', source] as const,
  );
  const at = text(mount['mountPath']).replace(/\/+$/, '');
  const subPath = text(mount['subPath']);
  return [...sources, ...secrets].flatMap(([kind, source]) => {
    const items = recordsAt(source, 'items');
    if (items.length === 0) return reference(kind, source, { path: subPath === '' ? `${at}/` : at, ...keyOf(subPath) });
    return items.flatMap((item) => {
      const path = text(item['path']);
      if (subPath !== '' && subPath !== path) return [];
      return reference(kind, source, { key: text(item['key']), path: subPath === '' ? `${at}/${path}` : at });
    });
  });
}

function keyOf(subPath: string): { key?: string } {
  return subPath === '' ? {} : { key: subPath };
}

function projected(volume: unknown, kind: 'configMap' | 'secret'): Record<string, unknown>[] {
  return recordsAt(recordAt(volume, 'projected'), 'sources').map((source) => recordAt(source, kind));
}

/** The name of a holder among those that were read. */
export function holderName({ kind, name }: Pick<Reference, 'kind' | 'name'>): string {
  return `${kind}/${name}`;
}

/** What a role on the ServiceAccount has EKS put into its pods (https://github.com/aws/amazon-eks-pod-identity-webhook). */
const roleAnnotation = 'eks.amazonaws.com/role-arn';
const webhookToken = '/var/run/secrets/eks.amazonaws.com/serviceaccount/token';

/**
 * Puts together what the container finds, as a kubelet does: `envFrom` in its order, `env` over it, `$(NAME)` filled in.
 * What only the running pod knows (fields of it) is left out.
 */
export function podView(
  podSpec: Record<string, unknown>,
  held: ReadonlyMap<string, Held>,
  accountAnnotations: Readonly<Record<string, unknown>>,
): PodView {
  const env: Record<string, string> = {};
  const origins = new Map<string, Origin>();
  const set = (name: string, value: string, origin: Origin) => {
    env[name] = value;
    origins.set(name, origin);
  };
  const container = containerOf(podSpec);
  for (const source of recordsAt(container, 'envFrom')) {
    for (const [kind, field] of [['ConfigMap', 'configMapRef'] as const, ['Secret', 'secretRef'] as const]) {
      const name = text(recordAt(source, field)['name']);
      for (const [key, value] of entriesOf(held.get(holderName({ kind, name }))))
        set(`${text(source['prefix'])}${key}`, value, { kind, name });
    }
  }
  for (const entry of recordsAt(container, 'env')) {
    const name = text(entry['name']);
    const [from] = referencesOf({ containers: [{ ...container, envFrom: [], volumeMounts: [], env: [entry] }] });
    if (from !== undefined) {
      const value = Object.fromEntries(entriesOf(held.get(holderName(from))))[from.key ?? ''];
      if (value !== undefined) set(name, value, { kind: from.kind, name: from.name });
    } else if (!isRecord(entry['valueFrom'])) set(name, filledIn(text(entry['value']), env), { kind: 'template' });
  }
  const role = text(accountAnnotations[roleAnnotation]);
  if (role !== '' && env['AWS_ROLE_ARN'] === undefined && env['AWS_WEB_IDENTITY_TOKEN_FILE'] === undefined) {
    set('AWS_ROLE_ARN', role, { kind: 'ServiceAccount' });
    set('AWS_WEB_IDENTITY_TOKEN_FILE', webhookToken, { kind: 'ServiceAccount' });
  }
  return { argv: argvOf(container), env, origins, readFile: readerOf(referencesOf(podSpec), held) };
}

function entriesOf(held: Held | undefined): [string, string][] {
  return held?.kind === 'held' ? Object.entries(held.entries) : [];
}

/** `$$` is a dollar; what no variable has stays as it is written. */
function filledIn(value: string, env: Readonly<Record<string, string>>): string {
  return value.replaceAll(/\$\$|\$\(([^)]+)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (env[name] ?? whole),
  );
}

/** What follows the program where the template says how it is started; its arguments where the image does. */
function argvOf(container: Record<string, unknown>): readonly string[] | undefined {
  const [command, args] = ['command', 'args'].map((field) => {
    const words: unknown = container[field];
    return Array.isArray(words) ? words.map((word) => text(word)) : [];
  });
  if (command === undefined || args === undefined) return undefined;
  if (command.length === 0) return args;
  const program = command.findIndex((word) => /(?:^|\/)ecr-cred-helper(?:\.cjs)?$/.test(word));
  return program === -1 ? undefined : [...command.slice(program + 1), ...args];
}

function readerOf(references: readonly Reference[], held: ReadonlyMap<string, Held>): PodView['readFile'] {
  const files = references.flatMap((reference) => {
    const { key, path } = reference;
    if (path === undefined) return [];
    const entries = entriesOf(held.get(holderName(reference)));
    if (key === undefined) return entries.map(([name, text]) => [`${path}${name}`, text] as const);
    return entries.filter(([name]) => name === key).map(([, text]) => [path, text] as const);
  });
  const byPath = new Map(files);
  return (path: string): string | undefined => byPath.get(path);
}
