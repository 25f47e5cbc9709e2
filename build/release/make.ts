import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildahIn } from '../../image/buildah.ts';
import { must } from '../../image/tools.ts';
import { bundledTool } from '../../test/support/bundled-tools.ts';
import { packageDirectories } from '../bundle.ts';
import { buildProgram } from '../program.ts';
import { packChart, packPackage, packPlugin, writeSections } from './archives.ts';
import { assemble, type PlatformImage } from './image.ts';
import { installFile, overlaysIn } from './install-files.ts';
import { krewManifest } from './krew.ts';
import { joinImages, packImage } from './layout.ts';
import { allFilesOf, filesOf, names } from './names.ts';
import { platforms, type Platform } from './platforms.ts';
import { bundledComponents, imageBom, packageBom } from './sbom.ts';
import type { Source } from './source.ts';
import { nodeVersionsOf, verify } from './verify.ts';

export type Release = {
  /** OCI layout with the image for all platforms. */
  layout: string;
  /** Of that image, by which the install files name it. */
  digest: string;
  images: readonly { architecture: string; digest: string }[];
  /** The files, sorted. */
  files: readonly string[];
};

/**
 * Makes all files of a release.
 * @param out becomes the folder with the files, and nothing else in it.
 * @param work a folder for its use alone.
 * @param say is told what was seen of the images, which are run for it; they are not where it is absent.
 * @throws Error where a part cannot be made or does not run.
 */
export async function makeRelease(
  root: string,
  source: Source,
  out: string,
  work: string,
  say?: (line: string) => void,
): Promise<Release> {
  const { version, epochSeconds } = source;
  const files = filesOf(version);
  const file = (name: string): string => join(out, name);
  for (const folder of [out, work]) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
  }
  const [kubectl, helm] = [await bundledTool('kubectl'), await bundledTool('helm')];

  const program = join(work, 'program');
  const directories = packageDirectories(await buildProgram(program, version));
  const bundled = await bundledComponents(root, directories);

  await packPackage(root, program, join(work, 'package'), file(files.package));
  await packPlugin(root, program, join(work, 'plugin'), file(files.plugin), epochSeconds);
  await packChart(root, helm, join(work, 'chart'), file(files.chart), epochSeconds);
  await writeFile(file(files.krew), krewManifest(version, await sha256Of(file(files.plugin))));
  await writeFile(file(files.packageSbom), await packageBom(source, await sha256Of(file(files.package)), bundled));

  const buildah = buildahIn(join(work, 'buildah'), epochSeconds);
  const cronjob = await must(kubectl, ['kustomize', join(root, 'deploy/cronjob')]);
  const one = async (platform: Platform): Promise<readonly [PlatformImage, string]> => {
    const { architecture } = platform;
    const [folder, layout] = [join(work, architecture), join(work, `layout-${architecture}`)];
    await mkdir(folder);
    const image = await assemble(root, platform, source, program, buildah, folder, layout);
    await packImage(image, layout, `${names.image}:${version}`, file(files.image(architecture)), epochSeconds);
    const opened = await buildah.opened(image.name);
    try {
      const bom = await imageBom(source, image, await nodeVersionsOf(opened, platform), bundled);
      await writeFile(file(files.imageSbom(architecture)), bom);
      if (say !== undefined) say(`${architecture}: ${await verify(opened, platform, version, cronjob)}`);
    } finally {
      await opened.dispose();
    }
    return [image, layout];
  };
  // Two at a time: one core each.
  const images = await Promise.all(platforms.map(one));

  const layout = join(work, 'layout');
  const digest = await joinImages(images, layout, version);
  for (const overlay of overlaysIn(root)) {
    const text = await installFile(root, kubectl, overlay, version, digest, join(work, 'install'));
    await writeFile(file(files.install(overlay)), text);
  }
  const [anImage] = images[0] ?? [];
  await writeSections(file(files.licences), [
    ['The program', await readFile(join(program, 'THIRD-PARTY-LICENSES'), 'utf8')],
    ['In the image: Node.js', await readFile(anImage?.nodeLicence ?? '', 'utf8')],
    ...(anImage?.debian ?? []).map(({ name, copyright }) => [`In the image: ${name} of Debian`, copyright] as const),
  ]);
  for (const entry of await readdir(work)) if (entry !== 'layout') await rm(join(work, entry), { recursive: true });
  const all = (await readdir(out)).toSorted();
  const sums = await Promise.all(all.map(async (name) => `${await sha256Of(file(name))}  ${name}\n`));
  await writeFile(file(files.checksums), sums.join(''));
  const expected = allFilesOf(
    version,
    platforms.map(({ architecture }) => architecture),
    overlaysIn(root),
  );
  assert.deepEqual((await readdir(out)).toSorted(), expected);
  return {
    layout,
    digest,
    images: images.map(([{ platform, manifest }]) => ({
      architecture: platform.architecture,
      digest: manifest.digest,
    })),
    files: expected,
  };
}

async function sha256Of(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
