import { spawnSync } from 'node:child_process';
import { appendFile, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { must, whereIs } from '../../image/tools.ts';
import { bundledTool } from '../../test/support/bundled-tools.ts';
import { changesOf } from './changelog.ts';
import { makeRelease, type Release } from './make.ts';
import { filesOf, names } from './names.ts';
import { inShell, isPublished, logIn, publication, publish, type Step } from './publish.ts';
import { builtFrom, sourceOf, whyNotReleased, type Source } from './source.ts';

const root = join(import.meta.dirname, '../..');
const tools = {
  buildah: 'buildah',
  readelf: 'binutils',
  'aarch64-linux-gnu-strip': 'binutils-aarch64-linux-gnu',
  'qemu-aarch64-static': 'qemu-user-static',
  runc: 'runc',
};
const publishers = { skopeo: 'skopeo', gh: 'gh' };

const HELP = `Makes all that a release has, and publishes it.

  npm run release -- --dry-run [--twice] [--no-check] [--out FOLDER]
  npm run release

  --dry-run      publishes nothing, and says what would be typed for it
  --twice        makes everything a second time, in a copy of the checkout that nobody else may read, and compares the bytes
  --no-check     does not run the images
  --out FOLDER   where the files go, in place of release/
  --help         this text

Needs Debian 12 on amd64, root, and: apt-get install ${Object.values(tools).join(' ')}
To publish: ${Object.values(publishers).join(' ')}, and cosign (https://docs.sigstore.dev/cosign/system_config/installation/)
SOURCE_DATE_EPOCH dates what is made; else the commit does. docs/release.md says what comes out.
`;

type Options = ReturnType<typeof optionsGiven>;

// What is made here is read by other users than this one.
process.umask(0o022);
process.exitCode = await main();

async function main(): Promise<number> {
  let options: Options;
  try {
    options = optionsGiven();
  } catch (error) {
    return refuse(`${messageOf(error)}. What there is: npm run release -- --help`);
  }
  if (!options.help) return release(options);
  process.stdout.write(HELP);
  return 0;
}

/** @throws Error that names what there is no such option of. */
function optionsGiven() {
  const { values } = parseArgs({
    allowNegative: true,
    options: {
      // Without -- before it npm takes it for its own, and so would the npm that packs.
      'dry-run': { type: 'boolean', default: process.env['npm_config_dry_run'] === 'true' },
      twice: { type: 'boolean', default: false },
      check: { type: 'boolean', default: true },
      out: { type: 'string', default: 'release' },
      help: { type: 'boolean', default: false },
    },
  });
  delete process.env['npm_config_dry_run'];
  return { ...values, isDryRun: values['dry-run'] };
}

async function release({ isDryRun, ...values }: Options): Promise<number> {
  const lack = await lacking(isDryRun);
  if (lack !== undefined) return refuse(lack);
  let source: Source;
  try {
    source = sourceOf(root, process.env);
  } catch (error) {
    return refuse(messageOf(error));
  }
  const changes = changesOf(await readFile(join(root, 'CHANGELOG.md'), 'utf8'), source.version);
  if (!isDryRun) {
    const isOut = await isPublished(source.version, ask);
    const why = isOut ? `v${source.version} is out, and stays as it is` : whyNotReleased(source, changes);
    if (why !== undefined)
      return refuse(`nothing was made or published: ${why}. npm run release -- --dry-run makes it all`);
  }
  const out = resolve(values.out);
  if (!(await mayBeEmptied(out))) return refuse(`${out} has something else in it than a release: name another --out`);
  print(builtFrom(source, changes));
  const again = join(root, '.tmp/release-again');
  const [made] = await Promise.all([
    makeRelease(root, source, out, workOf(out), values.check ? print : undefined),
    values.twice ? makeElsewhere(again) : undefined,
  ]);
  for (const file of made.files) {
    const { size } = await stat(join(out, file));
    print(`${String(Math.ceil(size / 1024)).padStart(7)} KiB  ${file}`);
  }
  print(`The image is ${names.image}@${made.digest}`);
  if (values.twice && !(await haveTheSameBytes(out, join(again, 'release'), source.version))) return 1;
  const steps = await stepsOf(made, source, out, changes);
  if (!isDryRun) return publishAll(steps, made);
  print('\nTo publish it:');
  for (const { command } of steps) print(`  ${inShell(command)}`);
  return 0;
}

/** What stands in the project for it, what is not there yet or empty, and what has a release in it. */
async function mayBeEmptied(out: string): Promise<boolean> {
  if (out === join(root, 'release')) return true;
  const names = await readdir(out).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? [] : ['?']));
  return names.length === 0 || names.includes(filesOf('').checksums);
}

/** What a program wrote, where it succeeded. */
async function ask([program = '', ...args]: readonly string[]): Promise<string | undefined> {
  const { status, stdout } = spawnSync(program, args, { stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}

/** Where a release is made that goes to `out`. */
function workOf(out: string): string {
  return join(root, '.tmp/release', basename(out));
}

/** Makes the release in a copy of this checkout, of other permissions, with the packages that are installed here. */
async function makeElsewhere(copy: string): Promise<void> {
  await rm(copy, { recursive: true, force: true });
  await mkdir(copy, { recursive: true });
  const files = 'git ls-files --cached --others --exclude-standard -z';
  const unpack = `(umask 077 && tar --extract --no-same-permissions --directory ${copy})`;
  await must('sh', ['-c', `${files} | tar --create --null --ignore-failed-read --files-from=- | ${unpack}`], {
    cwd: root,
  });
  await must('cp', ['--archive', '--link', join(root, 'node_modules'), copy]);
  await symlink(join(root, '.git'), join(copy, '.git'));
  const script = join(copy, 'build/release/main.ts');
  await must(process.execPath, [script, '--dry-run', '--no-check'], { cwd: copy });
}

async function haveTheSameBytes(out: string, again: string, version: string): Promise<boolean> {
  const [first = [], second = []] = await Promise.all(
    [out, again].map(async (folder) => (await readFile(join(folder, filesOf(version).checksums), 'utf8')).split('\n')),
  );
  const differing = [...first, ...second]
    .filter((line) => !first.includes(line) || !second.includes(line))
    .map((line) => line.slice(line.indexOf('  ') + 2));
  if (differing.length > 0) {
    print(`Made twice, these had other bytes: ${[...new Set(differing)].join(', ')}; compare ${out} with ${again}`);
    return false;
  }
  await rm(join(again, '..'), { recursive: true });
  print('Made twice, in two checkouts, every file had the same bytes');
  return true;
}

async function stepsOf(
  { layout, digest, images, files }: Release,
  { version }: Source,
  out: string,
  changes: string | undefined,
): Promise<Step[]> {
  const notes = join(workOf(out), 'notes.md');
  await writeFile(notes, changes ?? 'The changelog does not tell of this version yet.\n');
  const shown = (path: string): string => relative(process.cwd(), path);
  return publication(shown(out), shown(layout), { version, digest, notes: shown(notes), assets: files }, images, names);
}

/** Takes the steps, with the Helm of this project; tells a workflow of GitHub's the digest. */
async function publishAll(steps: readonly Step[], { digest }: Release): Promise<number> {
  const { GITHUB_ACTOR: user, GH_TOKEN: password, HOME: home = '/root' } = process.env;
  // Whoever types it has logged in before.
  if (user !== undefined && password !== undefined) {
    const [registry = ''] = names.image.split('/');
    if (!(await logIn(registry, { user, password, home }))) return 1;
  }
  const helm = await bundledTool('helm');
  const run = async ([program = '', ...args]: readonly string[], isQuestion: boolean): Promise<boolean> =>
    spawnSync(program === 'helm' ? helm : program, args, { stdio: isQuestion ? 'ignore' : 'inherit' }).status === 0;
  const failed = await publish(steps, run, print);
  if (failed !== undefined) {
    print(
      `This failed: ${failed.what}. Nothing after it was tried; what is above says why. Run npm run release again: what is there is not made anew`,
    );
    return 1;
  }
  const output = process.env['GITHUB_OUTPUT'];
  if (output !== undefined) await appendFile(output, `image=${names.image}\ndigest=${digest}\n`);
  return 0;
}

async function lacking(isDryRun: boolean): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'npm run release needs Linux on amd64';
  if (process.getuid?.() !== 0) return 'npm run release needs root: buildah changes owners and roots';
  const { ID, VERSION_ID } = await osRelease();
  if (ID !== 'debian' || VERSION_ID !== '12')
    return `npm run release needs Debian 12, whose libraries are in the image; this is ${ID} ${VERSION_ID}`;
  const missing = [];
  const needed = isDryRun ? tools : { ...tools, ...publishers };
  for (const [program, debianPackage] of Object.entries(needed)) {
    if ((await whereIs(program)) === undefined) missing.push(debianPackage);
  }
  if (missing.length > 0) return `npm run release needs: apt-get install ${missing.join(' ')}`;
  if (isDryRun || (await whereIs('cosign')) !== undefined) return undefined;
  return 'npm run release needs cosign, which signs: https://docs.sigstore.dev/cosign/system_config/installation/';
}

async function osRelease(): Promise<Record<string, string>> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return Object.fromEntries([...text.matchAll(/^(\w+)="?(.*?)"?$/gm)].map(([, key = '', value = '']) => [key, value]));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function refuse(why: string): number {
  process.stderr.write(`${why}\n`);
  return 2;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
