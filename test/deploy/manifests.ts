import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { CronJob, Job } from 'kubernetes-types/batch/v1.js';
import type { PodTemplateSpec, Service } from 'kubernetes-types/core/v1.js';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from 'kubernetes-types/rbac/v1.js';
import { run } from '../emulators/tools.ts';
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
  const { code, stdout, stderr } = await run(await bundledTool('kubectl'), ['kustomize', join(root, overlay)]);
  if (code !== 0 || stderr !== '') throw new Error(`kubectl kustomize ${overlay}: ${stderr}`);
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
