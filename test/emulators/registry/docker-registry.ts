import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type DockerRegistry = { url: string; host: string; stop: () => Promise<void> };

/** Runs Debian's docker-registry on a free port with its storage in `directory`, and its logins in `htpasswd` where given. */
export async function startDockerRegistry(directory: string, htpasswd?: string): Promise<DockerRegistry> {
  const file = join(directory, 'registry.yml');
  await writeFile(file, JSON.stringify(configuration(directory, htpasswd)));
  const child = spawn('docker-registry', ['serve', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  const host = await Promise.race([
    listeningOn(child.stderr),
    ended.then(() => Promise.reject(new Error('docker-registry ended before it listened'))),
  ]);
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { url: `http://${host}`, host, stop };
}

// JSON is YAML, which is what docker-registry reads.
function configuration(directory: string, htpasswd: string | undefined): unknown {
  return {
    version: 0.1,
    log: { level: 'info' },
    storage: { filesystem: { rootdirectory: join(directory, 'storage') } },
    http: { addr: '127.0.0.1:0' },
    ...(htpasswd === undefined ? {} : { auth: { htpasswd: { realm: 'test', path: htpasswd } } }),
  };
}

function listeningOn(log: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve) => {
    createInterface(log).on('line', (line) => {
      const host = /listening on ([\d.]+:\d+)/.exec(line)?.[1];
      if (host !== undefined) resolve(host);
    });
  });
}
