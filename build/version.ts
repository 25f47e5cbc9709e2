/** The version of the program where the manifests and pages say it: package.json has it, `npm run docs` brings it there. */
import { globSync, readFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);

/** What it stands behind. The compatibility of others stands behind other words. */
const before = [
  'app\\.kubernetes\\.io/version: ',
  '^(?:version|appVersion): ',
  'newTag: ',
  'ecr-cred-helper[:@]',
  'kubectl-ecr_creds-',
  '\\?ref=v',
  '/blob/v',
  '/releases/download/v',
  'refs/tags/v',
  'charts/ecr-cred-helper --version ',
  'VERSION=',
];
const stamped = new RegExp(`(?<=${before.join('|')})\\d+\\.\\d+\\.\\d+(?:-[0-9A-Za-z.]+)?`, 'gm');

/** What people install, and the pages that they read: everything in which the version stands. */
export const versionedFiles: readonly string[] = globSync(
  ['README.md', 'docs/**/*.md', 'deploy/**/*.yaml', 'image/Dockerfile'],
  { cwd: root.pathname, exclude: ['deploy/chart/templates/**', 'deploy/chart/values.yaml', 'docs/decisions/**'] },
).sort();

/** @returns the version in package.json. */
export function ownVersion(): string {
  const { version }: { version: string } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  return version;
}

/** The text with this version wherever that of the program stands. */
export function withVersion(text: string, version: string): string {
  return text.replaceAll(stamped, version);
}
