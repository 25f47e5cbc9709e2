import { copyFile, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { must } from '../../image/tools.ts';
import type { Platform } from './platforms.ts';

/**
 * The folder of the npm package that carries this project's Node for a platform: the one that is installed here, else one that
 * npm installs into `folder`, of the version and with the digest of package-lock.json.
 */
export async function nodePackage(root: string, { cpu }: Platform, folder: string): Promise<string> {
  const path = `node_modules/node-linux-${cpu}`;
  if (await stat(join(root, path)).catch(() => undefined)) return join(root, path);
  for (const file of ['package.json', 'package-lock.json', '.npmrc', 'build/node/package.json']) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await copyFile(join(root, file), join(folder, file));
  }
  const options = ['--omit=dev', '--ignore-scripts', '--os=linux', `--cpu=${cpu}`, '--silent'];
  await must('npm', ['ci', ...options], { cwd: folder });
  return join(folder, path);
}
