import { copyFile, cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { buildahIn, Descriptor } from '../../image/buildah.ts';
import { must } from '../../image/tools.ts';
import { bake, BEYOND_PATIENCE_MS } from '../bake.ts';
import { installLoader } from '../install-loader.ts';
import { nodePackage } from './node.ts';
import type { Platform } from './platforms.ts';
import { downloadDebian, layRuntime, type DebianPackage } from './runtime.ts';
import { revisionOf, type Source } from './source.ts';

/** An image of the release, in its layout. */
export type PlatformImage = {
  platform: Platform;
  name: string;
  manifest: Descriptor;
  debian: readonly DebianPackage[];
  nodeLicence: string;
};

/**
 * Assembles the image of a platform: the last stage of image/Dockerfile over a tree of Debian's libraries, with the pinned Node
 * and `program`. Nothing of the platform runs for that but its node, in an emulator where it has to, to make V8's code caches.
 * @param folder for its use alone, empty.
 * @param layout to which the image is added.
 */
export async function assemble(
  root: string,
  platform: Platform,
  source: Source,
  program: string,
  buildah: ReturnType<typeof buildahIn>,
  folder: string,
  layout: string,
): Promise<PlatformImage> {
  const ofNode = await nodePackage(root, platform, join(folder, 'npm'));
  const debian = await layRuntime(join(ofNode, 'bin/node'), folder, await downloadDebian(platform, folder));

  // What the first stage of the Dockerfile would leave.
  const built = join(folder, 'built');
  const [binary, dist, nodeLicence] = [
    join(built, 'usr/local/bin/node-stripped'),
    join(built, 'src/dist'),
    join(built, 'usr/local/LICENSE'),
  ];
  await mkdir(join(binary, '..'), { recursive: true });
  await cp(program, dist, { recursive: true });
  await must(platform.strip, ['-o', binary, join(ofNode, 'bin/node')]);
  await copyFile(join(ofNode, 'LICENSE'), nodeLicence);
  const node = onThisMachine(platform, join(folder, 'runtime'), binary);
  await bake(dist, node, BEYOND_PATIENCE_MS);
  await installLoader(dist);
  for (const tree of [built, join(folder, 'runtime')]) await must('chmod', ['-R', 'u=rwX,go=rX', tree]);
  await must('chmod', ['1777', join(folder, 'runtime/tmp')]);

  const { architecture } = platform;
  const base = `localhost/runtime-${architecture}`;
  const name = `localhost/ecr-cred-helper-${architecture}:${source.version}`;
  await buildah.commitTree(join(folder, 'runtime'), base, architecture);
  const args = { RUNTIME_IMAGE: base, VERSION: source.version, REVISION: revisionOf(source) };
  await buildah.build(name, args, '--platform', `linux/${architecture}`, '--build-context', `build=${built}`);
  return { platform, name, debian, nodeLicence, manifest: await buildah.push(name, layout) };
}

/** The command that runs a program of the platform here, with the libraries of `tree`. */
export function onThisMachine({ emulator }: Platform, tree: string, program: string): string[] {
  return emulator === undefined ? [program] : [emulator, '-L', tree, program];
}
