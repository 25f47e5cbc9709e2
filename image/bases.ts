import { chmod, cp, mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { must, whereIs } from './tools.ts';

const certificates = '/etc/ssl/certs/ca-certificates.crt';

/** The directory tree that stands in for the public build image: this node, strip and a shell, each with its libraries. */
export async function buildRoot(folder: string): Promise<void> {
  await fresh(folder);
  const strip = await needed('strip', 'binutils');
  await place(folder, process.execPath, '/usr/local/bin/node');
  await copyFile(folder, join(dirname(process.execPath), '../LICENSE'), '/usr/local/LICENSE');
  await place(folder, strip, '/usr/bin/strip');
  await place(folder, '/bin/sh', '/bin/sh');
  await mkdir(join(folder, 'tmp'), { mode: 0o1777 });
}

/** The tree that stands in for the public runtime image: the libraries of node, CA certificates, and an unprivileged user. */
export async function runtimeRoot(folder: string): Promise<void> {
  await fresh(folder);
  for (const library of await librariesOf(process.execPath)) await copyFile(folder, library, library);
  await copyFile(folder, certificates, certificates);
  await usersOf(folder);
}

/** Writes what says who is who, and how names are looked up, into a tree that has `etc`. */
export async function usersOf(folder: string): Promise<void> {
  await writeFile(
    join(folder, 'etc/passwd'),
    'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
  );
  await writeFile(join(folder, 'etc/group'), 'root:x:0:\nnonroot:x:65532:\n');
  await writeFile(join(folder, 'etc/nsswitch.conf'), 'hosts: files dns\n');
  await mkdir(join(folder, 'tmp'));
  await chmod(join(folder, 'tmp'), 0o1777);
}

async function fresh(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'etc'), { recursive: true });
}

async function needed(program: string, debianPackage: string): Promise<string> {
  const path = await whereIs(program);
  if (path === undefined) throw new Error(`${program} is not installed: apt-get install ${debianPackage}`);
  return path;
}

async function place(folder: string, program: string, at: string): Promise<void> {
  await copyFile(folder, program, at);
  for (const library of await librariesOf(program)) await copyFile(folder, library, library);
}

/** The shared libraries of a program, the loader among them, where the dynamic linker finds them here. */
async function librariesOf(program: string): Promise<string[]> {
  const listed = await must('ldd', [program]);
  return [...listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = '']) => path);
}

async function copyFile(folder: string, from: string, to: string): Promise<void> {
  await mkdir(dirname(join(folder, to)), { recursive: true });
  await cp(await realpath(from), join(folder, to), { mode: 0 });
}
