import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Container, Pod } from 'kubernetes-types/core/v1.js';
import type { Kubernetes, KubeObject } from '../kubernetes/index.ts';

/** What a container is started with: its variables, and where what is mounted stands here. */
export type Started = { env: Record<string, string>; serviceAccountDirectory: string };

/**
 * Puts together what a kubelet gives a container: variables from its own list, ConfigMaps and Secrets, the files of Secrets, and
 * the ServiceAccount.
 * @param directory of this pod; what is mounted is a folder below it, and variables that name such a path name that instead.
 * @throws what the kubelet would say of a ConfigMap, a Secret or a key that is not there.
 */
export async function prepare(
  kubernetes: Kubernetes,
  pod: Pod,
  container: Container,
  directory: string,
): Promise<Started> {
  const { namespace = '' } = pod.metadata ?? {};
  const serviceAccountDirectory = join(directory, 'service-account');
  await mkdir(serviceAccountDirectory, { recursive: true });
  const account = pod.spec?.serviceAccountName ?? 'default';
  await writeFile(join(serviceAccountDirectory, 'token'), kubernetes.serviceAccountToken(namespace, account), {
    mode: 0o600,
  });
  await writeFile(join(serviceAccountDirectory, 'ca.crt'), kubernetes.caPem);
  await writeFile(join(serviceAccountDirectory, 'namespace'), namespace);
  const places = await mount(kubernetes, pod, container, directory);
  const here = (value: string) => {
    const place = places.find(({ path }) => value.startsWith(path));
    return place === undefined ? value : place.folder + value.slice(place.path.length);
  };
  const entries = variablesOf(kubernetes, namespace, container).map(([name, value]) => [name, here(value)]);
  return { env: Object.fromEntries(entries), serviceAccountDirectory };
}

/** Writes the Secrets that are mounted, and says where. */
async function mount(kubernetes: Kubernetes, { metadata, spec }: Pod, container: Container, directory: string) {
  const places: { path: string; folder: string }[] = [];
  for (const { name, mountPath } of container.volumeMounts ?? []) {
    const secret = spec?.volumes?.find((volume) => volume.name === name)?.secret;
    if (secret === undefined) continue;
    const folder = join(directory, name);
    await mkdir(folder, { recursive: true });
    const data = dataOf(kubernetes.get('v1', 'Secret', metadata?.namespace ?? '', secret.secretName ?? ''));
    if (data === undefined && secret.optional !== true) throw new Error(`secret "${secret.secretName}" not found`);
    for (const [key, value] of Object.entries(data ?? {})) {
      await writeFile(join(folder, key), Buffer.from(value, 'base64'), { mode: 0o600 });
    }
    places.push({ path: mountPath, folder });
  }
  return places;
}

function variablesOf(
  kubernetes: Kubernetes,
  namespace: string,
  { env = [], envFrom = [] }: Container,
): [string, string][] {
  const whole = envFrom.flatMap(({ configMapRef, secretRef }) => [
    ...Object.entries(textsOf(kubernetes, 'ConfigMap', namespace, configMapRef?.name) ?? {}),
    ...Object.entries(textsOf(kubernetes, 'Secret', namespace, secretRef?.name) ?? {}),
  ]);
  const single = env.flatMap(({ name, value, valueFrom }): [string, string][] => {
    if (valueFrom === undefined) return [[name, value ?? '']];
    const { configMapKeyRef, secretKeyRef } = valueFrom;
    const [kind, ref] =
      configMapKeyRef === undefined ? (['Secret', secretKeyRef] as const) : (['ConfigMap', configMapKeyRef] as const);
    const found = textsOf(kubernetes, kind, namespace, ref?.name)?.[ref?.key ?? ''];
    if (found !== undefined) return [[name, found]];
    if (ref?.optional === true) return [];
    throw new Error(`couldn't find key ${ref?.key} in ${kind} ${namespace}/${ref?.name}`);
  });
  return [...whole, ...single];
}

function textsOf(kubernetes: Kubernetes, kind: 'ConfigMap' | 'Secret', namespace: string, name?: string) {
  const data = name === undefined ? undefined : dataOf(kubernetes.get('v1', kind, namespace, name));
  if (data === undefined || kind === 'ConfigMap') return data;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
}

export function dataOf(object: KubeObject | undefined): Record<string, string> | undefined {
  // The data of a ConfigMap and of a Secret have this form.
  return object === undefined ? undefined : ((object['data'] ?? {}) as Record<string, string>);
}
