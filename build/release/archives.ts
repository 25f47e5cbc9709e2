import { chmod, copyFile, cp, glob, mkdir, readdir, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from '../../image/tools.ts';

/**
 * Packs what is in `folder`, in the order of the names, as nobody's and dated `epochSeconds`, so that the same files give the same bytes.
 * @param archive its name; gzip compresses what ends in `gz`.
 */
export async function packTar(folder: string, archive: string, epochSeconds: number): Promise<void> {
  const nobodys = ['--owner=0', '--group=0', '--numeric-owner', '--mode=u=rwX,go=rX', `--mtime=@${epochSeconds}`];
  const compressed = archive.endsWith('gz') ? ['--use-compress-program=gzip -9 -n'] : [];
  const names = (await readdir(folder)).toSorted();
  const options = ['--create', '--file', archive, '--format=gnu', '--sort=name', '--directory', folder];
  await must('tar', [...options, ...nobodys, ...compressed, ...names]);
}

/** Packs the package for npm: what `npm pack` makes of package.json, README and licence here, and of `program`. */
export async function packPackage(root: string, program: string, folder: string, archive: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const file of ['package.json', 'README.md', 'LICENSE']) await copyFile(join(root, file), join(folder, file));
  await cp(program, join(folder, 'dist'), { recursive: true });
  await must('chmod', ['-R', 'u=rwX,go=rX', folder]);
  const into = join(folder, 'packed');
  await mkdir(into);
  await must('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', into], { cwd: folder });
  const [packed = ''] = await readdir(into);
  await rename(join(into, packed), archive);
}

/**
 * Packs the plugin of kubectl: unpacked into a folder of the PATH it is one, and krew unpacks it, too. That takes files alone, no
 * links.
 */
export async function packPlugin(
  root: string,
  program: string,
  folder: string,
  archive: string,
  epochSeconds: number,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for await (const file of glob('*.cjs', { cwd: program })) {
    const name = file.replace(/^(kubectl.*)\.cjs$/, '$1');
    await copyFile(join(program, file), join(folder, name));
    if (name !== file || file === 'ecr-cred-helper.cjs') await chmod(join(folder, name), 0o755);
  }
  await copyFile(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  await copyFile(join(program, 'THIRD-PARTY-LICENSES'), join(folder, 'THIRD-PARTY-LICENSES'));
  await packTar(folder, archive, epochSeconds);
}

/** Packs deploy/chart with Helm 4, which dates what is in the archive as the files are. */
export async function packChart(
  root: string,
  helm: string,
  folder: string,
  archive: string,
  epochSeconds: number,
): Promise<void> {
  const chart = join(folder, 'ecr-cred-helper');
  await cp(join(root, 'deploy/chart'), chart, { recursive: true });
  for await (const path of glob('**/*', { cwd: chart })) await utimes(join(chart, path), epochSeconds, epochSeconds);
  await must('chmod', ['-R', 'u=rwX,go=rX', chart]);
  const into = join(folder, 'packed');
  await must(helm, ['package', chart, '--destination', into]);
  const [packed = ''] = await readdir(into);
  await rename(join(into, packed), archive);
}

/** Makes `file` out of texts that stand under titles. */
export async function writeSections(file: string, sections: readonly (readonly [string, string])[]): Promise<void> {
  const rule = '='.repeat(79);
  await writeFile(file, sections.map(([title, text]) => `${rule}\n${title}\n${rule}\n\n${text.trim()}\n`).join('\n'));
}
