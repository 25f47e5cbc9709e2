import { globSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import { must } from '../../image/tools.ts';
import { names } from './names.ts';

/** What can be installed by itself: the folders of deploy/ that `kubectl apply -k` takes, but for those that others stand on. */
export function overlaysIn(root: string): string[] {
  return globSync('deploy/*/kustomization.yaml', { cwd: root })
    .map((path) => path.split('/')[1] ?? '')
    .filter((name) => !name.startsWith('base'))
    .toSorted();
}

/** One overlay as a file for `kubectl apply -f`, whose image is the one of this digest and no other. */
export async function installFile(
  root: string,
  kubectl: string,
  overlay: string,
  version: string,
  digest: string,
  folder: string,
): Promise<string> {
  const at = join(folder, overlay);
  await mkdir(at, { recursive: true });
  const kustomization = {
    resources: [relative(at, join(root, 'deploy', overlay))],
    images: [{ name: names.image, newTag: version, digest }],
  };
  await writeFile(join(at, 'kustomization.yaml'), stringify(kustomization));
  const objects = await must(kubectl, ['kustomize', at]);
  const image = objects.includes(digest) ? ', with its image by digest' : '';
  const page = `${names.repository}/blob/v${version}`;
  return `# ecr-cred-helper ${version}: what deploy/${overlay} installs${image}.
# What has to be there before, and what to set: the comment at the head of ${page}/deploy/${overlay}/kustomization.yaml,
# and ${page}/docs/operations.md
${objects}`;
}
