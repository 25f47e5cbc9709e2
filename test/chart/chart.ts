/** The chart as Helm renders it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { objectsOf, root } from '../deploy/manifests.ts';
import type { Manifest } from '../deploy/schema.ts';
import { run, withDirectory } from '../emulators/tools.ts';
import { bundledTool } from '../support/bundled-tools.ts';

export const chart = join(root, 'deploy/chart');
export const region = { settings: { AWS_REGION: 'us-east-1' } };

export type Release = {
  name?: string;
  namespace?: string;
  /** The version of the cluster's. */
  kubernetes?: string;
  helm?: 'helm' | 'helm3';
  /** Another one than the project's. */
  chart?: string;
};
export type Rendered = { code: number | null; stdout: string; stderr: string };

/** What `helm template` says to these values; the release is called as the manifests' own objects unless told. */
export async function template(values: object, release: Release = {}): Promise<Rendered> {
  const { name = 'ecr-cred-helper', namespace = 'ecr-cred-helper', kubernetes = '1.36.0', helm = 'helm' } = release;
  const { chart: folder = chart } = release;
  const path = await bundledTool(helm);
  return withDirectory(async (directory) => {
    const file = join(directory, 'values.yaml');
    await writeFile(file, stringify(values, { version: '1.1' }));
    return run(path, ['template', name, folder, '-n', namespace, '-f', file, '--kube-version', kubernetes]);
  });
}

/** The text of what is rendered, hooks included. */
export async function rendered(values: object, release: Release = {}): Promise<string> {
  const { code, stdout, stderr } = await template(values, release);
  if (code !== 0 || stderr !== '') throw new Error(stderr);
  return stdout;
}

export async function objects(values: object, release: Release = {}): Promise<Manifest[]> {
  return objectsOf(await rendered(values, release)).filter((object) => object !== null);
}
