import { cp, mkdir, readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { must } from '../../image/tools.ts';
import { usersOf } from '../../image/bases.ts';
import type { Platform } from './platforms.ts';

/** A package of Debian, of which something is in the image. */
export type DebianPackage = { name: string; version: string; copyright: string };

/** What of Debian 12 is in the image; gcc-12-base for the licence of the two after it. */
const packages = ['base-files', 'ca-certificates', 'gcc-12-base', 'libgcc-s1', 'libstdc++6', 'libc6'];
/** Where its dynamic linker looks for libraries. */
const libraryFolders = ['lib', 'lib64', 'usr/lib'];
const certificates = 'etc/ssl/certs/ca-certificates.crt';

/**
 * Downloads packages of Debian for a platform, and unpacks them into `folder/unpacked`. apt does it, by the sources and keys of
 * this machine, but with a state of its own: nothing is installed, and no architecture is added here.
 * @returns the files, by package.
 */
export async function downloadDebian(platform: Platform, folder: string): Promise<Map<string, string>> {
  const [apt, unpacked] = [join(folder, 'apt'), join(folder, 'unpacked')];
  for (const path of ['state/lists/partial', 'cache/archives/partial', 'packages']) {
    await mkdir(join(apt, path), { recursive: true });
  }
  await mkdir(unpacked);
  await writeFile(join(apt, 'status'), '');
  const configuration = join(apt, 'apt.conf');
  await writeFile(
    configuration,
    `APT::Architecture "${platform.architecture}";
APT::Architectures { "${platform.architecture}"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::State "${apt}/state";
Dir::State::status "${apt}/status";
Dir::Cache "${apt}/cache";
`,
  );
  const env = { APT_CONFIG: configuration };
  await must('apt-get', ['update', '--quiet'], { env });
  await must('apt-get', ['download', '--quiet', ...packages], { cwd: join(apt, 'packages'), env });
  const files = new Map<string, string>();
  for (const file of (await readdir(join(apt, 'packages'))).toSorted()) {
    const path = join(apt, 'packages', file);
    files.set(file.slice(0, file.indexOf('_')), path);
    await must('dpkg-deb', ['--extract', path, unpacked]);
  }
  return files;
}

/**
 * Lays out the tree under the program: the shared libraries that `node` needs, CA certificates, an unprivileged user, and what
 * scanners read to know what that is (https://github.com/GoogleContainerTools/distroless/blob/main/PACKAGE_METADATA.md).
 * @param node the program of that platform.
 * @param folder what `downloadDebian` filled.
 */
export async function layRuntime(
  node: string,
  folder: string,
  files: ReadonlyMap<string, string>,
): Promise<DebianPackage[]> {
  const [unpacked, tree] = [join(folder, 'unpacked'), join(folder, 'runtime')];
  await mkdir(join(tree, 'etc'), { recursive: true });
  for (const library of await librariesOf(node, unpacked)) await copyWithLinks(unpacked, tree, library);
  await mkdir(dirname(join(tree, certificates)), { recursive: true });
  await writeFile(join(tree, certificates), await certificatesIn(join(unpacked, 'usr/share/ca-certificates/mozilla')));
  await copyWithLinks(unpacked, tree, 'usr/lib/os-release');
  await writeFile(join(tree, 'etc/os-release'), await readFile(join(unpacked, 'usr/lib/os-release')));
  await usersOf(tree);
  const all: DebianPackage[] = [];
  for (const [name, path] of files) {
    const status = join(tree, 'var/lib/dpkg/status.d', name);
    await mkdir(dirname(status), { recursive: true });
    await writeFile(status, await must('dpkg-deb', ['--field', path]));
    const copyright = await readFile(join(unpacked, 'usr/share/doc', name, 'copyright'), 'utf8');
    const shipped = join(tree, 'usr/share/doc', name, 'copyright');
    await mkdir(dirname(shipped), { recursive: true });
    await writeFile(shipped, copyright);
    const version = (await must('dpkg-deb', ['--field', path, 'Version'])).trim();
    all.push({ name, version, copyright });
  }
  return all;
}

/** The shared libraries of a program for whatever machine, with its loader and what they need in turn; paths in `tree`. */
async function librariesOf(program: string, tree: string): Promise<Set<string>> {
  const found = new Set<string>();
  const pending = [program];
  for (const file of pending) {
    const listed = await must('readelf', ['--wide', '--dynamic', '--program-headers', file]);
    const names = [...listed.matchAll(/Shared library: \[([^\]]+)\]|program interpreter: \/([^\]]+)\]/g)];
    for (const [, library, interpreter] of names) {
      const path = interpreter ?? (await libraryIn(tree, library ?? ''));
      if (!found.has(path)) pending.push(join(tree, path));
      found.add(path);
    }
  }
  return found;
}

async function libraryIn(tree: string, name: string): Promise<string> {
  for (const folder of libraryFolders) {
    const entries = await readdir(join(tree, folder), { withFileTypes: true }).catch(() => []);
    const below = entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
    for (const at of [folder, ...below]) {
      if (await stat(join(tree, at, name)).catch(() => undefined)) return join(at, name);
    }
  }
  throw new Error(`no package of Debian that the image takes has ${name}: add it to build/release/runtime.ts`);
}

/** Copies a file, and where it is a link, that and what it leads to. */
async function copyWithLinks(from: string, to: string, path: string): Promise<void> {
  await mkdir(dirname(join(to, path)), { recursive: true });
  await cp(join(from, path), join(to, path), { verbatimSymlinks: true });
  const target = await readlink(join(from, path)).catch(() => undefined);
  if (target === undefined) return;
  await copyWithLinks(from, to, target.startsWith('/') ? target.slice(1) : join(dirname(path), target));
}

/** As update-ca-certificates puts them together. */
async function certificatesIn(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.crt')).toSorted();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  if (texts.length < 50) throw new Error(`${folder} has ${texts.length} certificates`);
  return texts.map((text) => `${text.trimEnd()}\n`).join('');
}
