import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { filesOf, type names } from './names.ts';

/** Where it goes. */
export type Destination = Pick<typeof names, 'image' | 'charts'> & {
  /** Without TLS, for a registry of one's own. */
  plainHttp?: boolean;
};

/** One thing to publish: a command line, and the one that succeeds where that has been done before. */
export type Step = { what: string; command: readonly string[]; unless?: readonly string[] };

/**
 * What publishes a release, in this order: what others name by its digest is there before they do. Each step can be taken again.
 * @param release the folder with its files; `layout` the OCI layout with the image for all platforms.
 */
export function publication(
  release: string,
  layout: string,
  { version, digest, notes, assets }: { version: string; digest: string; notes: string; assets: readonly string[] },
  platforms: readonly { architecture: string; digest: string }[],
  { image, charts, plainHttp = false }: Destination,
): Step[] {
  const files = filesOf(version);
  const path = (name: string): string => join(release, name);
  const signature = `${files.checksums}.sigstore.json`;
  const tag = `v${version}`;
  const http = plainHttp ? ['--plain-http'] : [];
  const copy = ['skopeo', 'copy', '--all', '--preserve-digests', ...(plainHttp ? ['--dest-tls-verify=false'] : [])];
  const attest = ['cosign', 'attest', '--yes', '--type', 'cyclonedx', '--predicate'];
  return [
    {
      what: 'the image',
      command: [...copy, `oci:${layout}:${version}`, `docker://${image}:${version}`],
    },
    { what: 'its signature', command: ['cosign', 'sign', '--yes', '--recursive', `${image}@${digest}`] },
    ...platforms.map((platform) => ({
      what: `what is in it, for ${platform.architecture}`,
      command: [...attest, path(files.imageSbom(platform.architecture)), `${image}@${platform.digest}`],
    })),
    {
      what: 'the chart',
      command: ['helm', 'push', path(files.chart), charts, ...http],
      // Helm dates what it pushes: a second time it would be another one.
      unless: ['helm', 'show', 'chart', `${charts}/ecr-cred-helper`, '--version', version, ...http],
    },
    {
      what: 'its signature',
      command: ['cosign', 'sign', '--yes', `${charts.replace('oci://', '')}/ecr-cred-helper:${version}`],
    },
    {
      what: 'the package for npm',
      // To npm, folder/file is a repository at GitHub.
      command: ['npm', 'publish', path(files.package).replace(/^(?!\/)/, './'), '--provenance', '--access', 'public'],
      unless: ['npm', 'view', `ecr-cred-helper@${version}`, 'version'],
    },
    {
      what: 'the signature of the checksums',
      command: ['cosign', 'sign-blob', '--yes', '--bundle', path(signature), path(files.checksums)],
    },
    {
      what: 'a draft of the release',
      command: ['gh', 'release', 'create', tag, '--verify-tag', '--draft', '--title', tag, '--notes-file', notes],
      unless: ['gh', 'release', 'view', tag],
    },
    {
      what: 'its files',
      command: ['gh', 'release', 'upload', tag, '--clobber', ...[...assets, signature].map(path)],
    },
    { what: 'the release', command: ['gh', 'release', 'edit', tag, '--draft=false'] },
  ];
}

/**
 * Whether a version is out: then it is not made anew, even where Debian has other libraries by now.
 * @param ask runs a command line, and gives back what it wrote; undefined where it failed.
 */
export async function isPublished(
  version: string,
  ask: (command: readonly string[]) => Promise<string | undefined>,
): Promise<boolean> {
  const command = ['gh', 'release', 'view', `v${version}`, '--json', 'isDraft', '--jq', '.isDraft'];
  return (await ask(command))?.trim() === 'false';
}

/**
 * Logs in to a registry with skopeo, where cosign and Helm read the login, too: in `home`/.docker/config.json.
 * @returns whether the registry took it.
 */
export async function logIn(
  registry: string,
  { user, password, home }: { user: string; password: string; home: string },
  ...options: string[]
): Promise<boolean> {
  const file = join(home, '.docker/config.json');
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const args = ['login', '--authfile', file, '--username', user, '--password-stdin', ...options, registry];
  return spawnSync('skopeo', args, { input: password, stdio: ['pipe', 'ignore', 'inherit'] }).status === 0;
}

/**
 * Takes one step after the other.
 * @param run gives back whether a command line succeeded.
 * @returns what did not; nothing after it was tried.
 */
export async function publish(
  steps: readonly Step[],
  run: (command: readonly string[], isQuestion: boolean) => Promise<boolean>,
  say: (line: string) => void,
): Promise<Step | undefined> {
  for (const step of steps) {
    if (step.unless !== undefined && (await run(step.unless, true))) {
      say(`${step.what}: is there`);
      continue;
    }
    say(`${step.what}: ${inShell(step.command)}`);
    if (!(await run(step.command, false))) return step;
  }
  return undefined;
}

/** A command line as it is typed. */
export function inShell(command: readonly string[]): string {
  return command
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`))
    .join(' ');
}
