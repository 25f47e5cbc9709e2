import { globSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { CronJob, Job } from 'kubernetes-types/batch/v1.js';
import type { ConfigMap, PodTemplateSpec, Service } from 'kubernetes-types/core/v1.js';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from 'kubernetes-types/rbac/v1.js';
import { run, withDirectory } from '../emulators/tools.ts';
import { bundledTool } from '../support/bundled-tools.ts';
import type { Manifest } from './schema.ts';

export const root = join(import.meta.dirname, '../..');

/** Every directory that `kubectl apply -k` takes. Components are only parts of these. */
export const overlays = globSync('deploy/**/kustomization.yaml', { cwd: root })
  .map(dirname)
  .filter((path) => !path.startsWith('deploy/components/'))
  .sort();

/** The YAML that `kubectl apply -k` would send. */
export async function build(overlay: string): Promise<string> {
  return kustomized(join(root, overlay));
}

/** Where an overlay of one's own takes the project's from; `deploy/…?ref=…` follows. */
const project = 'https://github.com/ecr-cred-helper/ecr-cred-helper//';

/**
 * The YAML of an overlay of somebody's own, outside of the checkout.
 * @param kustomization its `kustomization.yaml`. What it takes from the project by URL is taken from this checkout.
 */
export function buildOwn(kustomization: string): Promise<string> {
  return withDirectory(async (directory) => {
    await writeFile(join(directory, 'kustomization.yaml'), fromHere(kustomization, directory));
    return kustomized(directory);
  });
}

/** A kustomization that stands in the directory, with this checkout in place of the project's URL. */
export function fromHere(kustomization: string, directory: string): string {
  const url = new RegExp(`${project}(\\S+?)\\?ref=v\\S+`, 'g');
  return kustomization.replaceAll(url, (_url, path: string) => relative(directory, join(root, path)));
}

/** The objects of an overlay with components. */
export async function withComponents(overlay: string, ...components: string[]): Promise<Manifest[]> {
  const url = (path: string): string => `  - ${project}${path}?ref=v0\n`;
  const own = `resources:\n${url(overlay)}components:\n${components.map((name) => url(`deploy/components/${name}`)).join('')}`;
  return objectsOf(await buildOwn(own));
}

async function kustomized(directory: string): Promise<string> {
  const { code, stdout, stderr } = await run(await bundledTool('kubectl'), ['kustomize', directory]);
  if (code !== 0 || stderr !== '') throw new Error(`kubectl kustomize ${directory}: ${stderr}`);
  return stdout;
}

export function objectsOf(yaml: string): Manifest[] {
  return parseAllDocuments(yaml).map((document): Manifest => document.toJS());
}

export async function legacy(): Promise<string> {
  return readFile(join(root, 'deploy/legacy.yaml'), 'utf8');
}

type Kinds = {
  ClusterRole: ClusterRole;
  ClusterRoleBinding: ClusterRoleBinding;
  ConfigMap: ConfigMap;
  CronJob: CronJob;
  Deployment: Deployment;
  Job: Job;
  NetworkPolicy: NetworkPolicy;
  PodDisruptionBudget: PodDisruptionBudget;
  Role: Role;
  RoleBinding: RoleBinding;
  Service: Service;
};

/** The objects of a kind. That they have its fields is what the schema test holds. */
export function ofKind<K extends keyof Kinds>(objects: readonly Manifest[], kind: K): Kinds[K][] {
  return objects.filter((object) => object.kind === kind) as unknown as Kinds[K][];
}

/** The pods that the objects run, by the name of what runs them. */
export function podsOf(objects: readonly Manifest[]): Map<string, PodTemplateSpec> {
  const pods = new Map<string, PodTemplateSpec>();
  for (const job of ofKind(objects, 'Job')) if (job.spec) pods.set(`Job/${job.metadata?.name}`, job.spec.template);
  for (const each of ofKind(objects, 'Deployment')) {
    if (each.spec) pods.set(`Deployment/${each.metadata?.name}`, each.spec.template);
  }
  for (const cron of ofKind(objects, 'CronJob')) {
    if (cron.spec?.jobTemplate.spec) pods.set(`CronJob/${cron.metadata?.name}`, cron.spec.jobTemplate.spec.template);
  }
  return pods;
}
