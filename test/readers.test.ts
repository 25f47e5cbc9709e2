import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { buildImage } from '../emulators/registry/image.ts';
import { dockerConfig } from '../src/core/secret/docker-config.ts';
import { startDockerRegistry } from './emulators/registry/docker-registry.ts';
import { pull, push } from './emulators/registry/skopeo.ts';
import { missing, run, withDirectory } from './emulators/tools.ts';
import { bundledTool } from './support/bundled-tools.ts';

const lacks =
  missing('skopeo', 'skopeo') ||
  missing('docker-registry', 'docker-registry') ||
  missing('htpasswd', 'apache2-utils') ||
  missing('buildah', 'buildah');

/** As many bytes as docker-registry compares. */
const password = 'as-long-as-a-registry-of-debian-compares';
const image = buildImage('greeting.txt', 'hello\n');

describe('the docker config of a pull secret', { skip: lacks }, () => {
  it('is enough for skopeo, Buildah, Helm 4 and Helm 3 to push and to pull with', () =>
    withDirectory(async (directory) => {
      const users = join(directory, 'htpasswd');
      await writeFile(users, (await run('htpasswd', ['-nbB', 'AWS', password])).stdout.trim());
      const registry = await startDockerRegistry(directory, users);
      try {
        const token = { hosts: [registry.host], password, issuedAtMs: 0, expiresAtMs: 1 };
        const login = join(directory, 'config.json');
        await writeFile(login, JSON.stringify(dockerConfig([token])));
        const reference = `${registry.host}/team/app:1`;
        const nobody = join(directory, 'nobody.json');
        await writeFile(nobody, '{"auths":{}}');

        const done = async (program: string, args: readonly string[]) => {
          const { code, stderr } = await run(program, args, { HOME: directory });
          assert.equal(code, 0, `${program} ${args.join(' ')}: ${stderr}`);
        };
        const pushed = await push(directory, image, reference, login);
        assert.equal(pushed.code, 0, pushed.stderr);
        const pulled = await pull(directory, reference, login);
        assert.equal(pulled.code, 0, pulled.stderr);
        assert.match((await pull(directory, reference, nobody)).stderr, /authentication required|unauthorized/);

        const stores = [
          '--root',
          join(directory, 'root'),
          '--runroot',
          join(directory, 'run'),
          '--storage-driver',
          'vfs',
        ];
        const trusting = ['--signature-policy', join(directory, 'policy.json'), '--tls-verify=false'];
        await writeFile(join(directory, 'policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}');
        await done('buildah', [...stores, 'pull', ...trusting, '--authfile', login, `docker://${reference}`]);

        for (const tool of ['helm', 'helm3'] as const) {
          const helm = await bundledTool(tool);
          const folder = join(directory, tool);
          await mkdir(folder);
          const flags = ['--registry-config', login, '--plain-http'];
          await done(helm, ['create', join(folder, tool)]);
          await done(helm, ['package', join(folder, tool), '--destination', folder]);
          await done(helm, ['push', join(folder, `${tool}-0.1.0.tgz`), `oci://${registry.host}/charts`, ...flags]);
          await done(helm, ['pull', `oci://${registry.host}/charts/${tool}`, '--destination', directory, ...flags]);
        }
      } finally {
        await registry.stop();
      }
    }));
});
