import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image } from './buildah.ts';

export type Ended = { code: number | null; output: string };

const namespaces = ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type }));
const RUN_LIMIT_MS = 120_000;

/**
 * Runs the image's entrypoint in an OCI runtime to its end, as Kubernetes would under deploy/: its own user, a read-only root,
 * no capability, no new privileges, and `memoryMiB` where it is given. It shares the network of the host.
 */
export async function runContainer(
  runtime: string,
  image: Image,
  folder: string,
  settings: {
    env: Record<string, string>;
    mounts: Record<string, string>;
    args?: string[];
    memoryMiB?: number;
    /** In place of the image's own. */
    uid?: number;
    /** In place of the program, what Node is to run with the image's flags. */
    script?: string;
  },
): Promise<Ended> {
  const id = `ecr-cred-helper-${randomUUID()}`;
  const bundle = join(folder, id);
  await mkdir(bundle, { recursive: true });
  await writeFile(join(bundle, 'config.json'), JSON.stringify(specification(image, settings)));
  const child = spawn(runtime, ['--root', join(folder, 'runtime'), 'run', '--bundle', bundle, id], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: RUN_LIMIT_MS,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  await once(child, 'close');
  await rm(bundle, { recursive: true, force: true });
  return { code: child.exitCode, output };
}

function specification(image: Image, settings: Parameters<typeof runContainer>[3]): unknown {
  const [ofImage = 0, gid = 0] = image.config.User.split(':').map(Number);
  const { uid = ofImage, args = [], script } = settings;
  const { Entrypoint } = image.config;
  const env = Object.entries(settings.env).map(([name, value]) => `${name}=${value}`);
  return {
    ociVersion: '1.0.2',
    root: { path: image.rootfs, readonly: true },
    process: {
      user: { uid, gid },
      args: script === undefined ? [...Entrypoint, ...args] : [...Entrypoint.slice(0, -1), '-p', script],
      env: [...(image.config.Env ?? []), ...env],
      cwd: '/',
      noNewPrivileges: true,
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=64k'] },
      // Node reads its limit there.
      { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
      ...Object.entries(settings.mounts).map(([destination, source]) => ({
        destination,
        source,
        type: 'bind',
        options: ['bind', 'ro'],
      })),
    ],
    linux: {
      namespaces,
      ...(settings.memoryMiB === undefined ? {} : { resources: { memory: { limit: settings.memoryMiB * 2 ** 20 } } }),
    },
  };
}
