/** Publishing, into a registry of Debian's with the real skopeo and Helm; cosign, npm and gh write down what they are told. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { blobIn, type Descriptor } from '../../image/buildah.ts';
import { packChart } from '../../build/release/archives.ts';
import { joinImages, packImage } from '../../build/release/layout.ts';
import { filesOf } from '../../build/release/names.ts';
import { inShell, isPublished, logIn, publication, publish, type Step } from '../../build/release/publish.ts';
import { startDockerRegistry, type DockerRegistry } from '../emulators/registry/docker-registry.ts';
import { missing, run } from '../emulators/tools.ts';
import { bundledTool } from '../support/bundled-tools.ts';

const root = join(import.meta.dirname, '../..');
const version = '2.0.0';
const epochSeconds = 1_700_000_000;
const files = filesOf(version);
const lacking =
  missing('skopeo', 'skopeo') || missing('docker-registry', 'docker-registry') || missing('htpasswd', 'apache2-utils');
const login = `Basic ${Buffer.from('them:their-token').toString('base64')}`;
const architectures = ['amd64', 'arm64'];

describe('publishing', { skip: lacking }, () => {
  let folder: string;
  let registry: DockerRegistry;
  let images: { architecture: string; digest: string; layout: string }[];
  let digest: string;
  let steps: Step[];
  let helm: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-publish-'));
    const logins = join(folder, 'htpasswd');
    await writeFile(logins, (await run('htpasswd', ['-nbB', 'them', 'their-token'])).stdout);
    registry = await startDockerRegistry(folder, logins);
    helm = await bundledTool('helm');
    const release = join(folder, 'release');
    await mkdir(release);
    await packChart(root, helm, join(folder, 'chart'), join(release, files.chart), epochSeconds);
    const made = await Promise.all(architectures.map((architecture) => imageOf(folder, architecture)));
    images = made.map(({ platform, manifest, layout }) => ({ ...platform, digest: manifest.digest, layout }));
    const layout = join(folder, 'layout');
    const both = made.map((one) => [{ platform: one.platform, manifest: one.manifest }, one.layout] as const);
    digest = await joinImages(both, layout, version);
    const parts = { version, digest, notes: 'notes.md', assets: ['a.yaml', 'SHA256SUMS'] };
    const destination = { image: `${registry.host}/helper`, charts: `oci://${registry.host}/charts`, plainHttp: true };
    steps = publication(release, layout, parts, images, destination);
    const others = join(folder, 'bin');
    await mkdir(others);
    for (const name of ['cosign', 'npm', 'gh']) await writeFile(join(others, name), pretender(folder), { mode: 0o755 });
  });
  after(async () => {
    await registry.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('logs in once for skopeo, Helm and cosign, which read one file', async () => {
    const login = { user: 'them', password: 'their-token', home: folder };
    assert.equal(await logIn(registry.host, { ...login, password: 'another' }, '--tls-verify=false'), false);
    assert.equal(await logIn(registry.host, login, '--tls-verify=false'), true);
    const { auths } = JSON.parse(await readFile(join(folder, '.docker/config.json'), 'utf8'));
    assert.deepEqual(Object.keys(auths), [registry.host]);
  });

  it('takes every step, and has the image there under the digest that was known before', async () => {
    const { failed, log } = await taken();
    assert.equal(failed, undefined);
    const manifest = await fetch(`${registry.url}/v2/helper/manifests/${version}`, {
      headers: { Accept: 'application/vnd.oci.image.index.v1+json', Authorization: login },
    });
    assert.equal(manifest.headers.get('docker-content-digest'), digest);
    for (const one of images) {
      const args = ['inspect', '--tls-verify=false', '--override-arch', one.architecture];
      const { stdout, stderr } = await run('skopeo', [...args, `docker://${registry.host}/helper:${version}`], {
        HOME: folder,
      });
      assert.equal(stderr, '');
      assert.equal(JSON.parse(stdout).Architecture, one.architecture);
    }
    const chart = [
      'show',
      'chart',
      `oci://${registry.host}/charts/ecr-cred-helper`,
      '--version',
      version,
      '--plain-http',
    ];
    assert.match((await run(helm, chart, { HOME: folder })).stdout, /^appVersion: 2\.0\.0$/m);
    const at = registry.host;
    const sum = 'release/SHA256SUMS';
    const [amd64, arm64] = images;
    assert.deepEqual(log, [
      `cosign sign --yes --recursive ${at}/helper@${digest}`,
      `cosign attest --yes --type cyclonedx --predicate release/${files.imageSbom('amd64')} ${at}/helper@${amd64?.digest}`,
      `cosign attest --yes --type cyclonedx --predicate release/${files.imageSbom('arm64')} ${at}/helper@${arm64?.digest}`,
      `cosign sign --yes ${at}/charts/ecr-cred-helper:${version}`,
      `npm view ecr-cred-helper@${version} version`,
      `npm publish release/${files.package} --provenance --access public`,
      `cosign sign-blob --yes --bundle ${sum}.sigstore.json ${sum}`,
      `gh release view v${version}`,
      `gh release create v${version} --verify-tag --draft --title v${version} --notes-file notes.md`,
      `gh release upload v${version} --clobber release/a.yaml ${sum} ${sum}.sigstore.json`,
      `gh release edit v${version} --draft=false`,
    ]);
  });

  it('begun again, makes nothing anew that others may have by now', async () => {
    const before = await chartDigest();
    const { failed, said, log } = await taken({ IS_THERE: 'yes' });
    assert.equal(failed, undefined);
    assert.deepEqual(
      said.filter((line) => line.endsWith(': is there')),
      ['the chart: is there', 'the package for npm: is there', 'a draft of the release: is there'],
    );
    assert.ok(!log.some((line) => /^npm publish|^gh release create/.test(line)), log.join('\n'));
    assert.equal(await chartDigest(), before);
  });

  it('stops at what fails, before anything that names it', async () => {
    const { failed, log } = await taken({ FAILS: 'cosign attest' });
    assert.equal(failed?.what, 'what is in it, for amd64');
    assert.deepEqual(
      log.map((line) => line.split(' ').slice(0, 2).join(' ')),
      ['cosign sign', 'cosign attest'],
    );
  });

  it('is not begun where the version is out', async () => {
    const asked: string[] = [];
    const answer = (text: string | undefined) => (command: readonly string[]) => {
      asked.push(command.join(' '));
      return Promise.resolve(text);
    };
    assert.equal(await isPublished('2.0.0', answer('false\n')), true);
    assert.equal(await isPublished('2.0.0', answer('true\n')), false);
    assert.equal(await isPublished('2.0.0', answer(undefined)), false);
    assert.equal(asked[0], 'gh release view v2.0.0 --json isDraft --jq .isDraft');
  });

  it('names a file to npm, which would look for a repository of that name at GitHub', async () => {
    const work = join(folder, 'of-npm');
    await mkdir(join(work, 'release'), { recursive: true });
    const written = { name: 'ecr-cred-helper', version };
    await writeFile(join(work, 'package.json'), JSON.stringify(written));
    const packed = await run('npm', [
      'pack',
      '--silent',
      '--prefix',
      work,
      '--pack-destination',
      join(work, 'release'),
      work,
    ]);
    await rename(join(work, 'release', packed.stdout.trim()), join(work, 'release', files.package));
    const parts = { version, digest, notes: 'notes.md', assets: [] };
    for (const release of ['release', join(work, 'release')]) {
      const all = publication(release, 'layout', parts, images, { image: 'i', charts: 'oci://c' });
      const { command = [] } = all.find(({ command: [program] }) => program === 'npm') ?? {};
      // Nobody says here where it comes from.
      const typed = command.filter((word) => word !== '--provenance').join(' ');
      const { code, stdout, stderr } = await run('sh', ['-c', `cd ${work} && ${typed} --dry-run --offline`], {
        GIT_SSH_COMMAND: 'false',
        HOME: work,
      });
      assert.deepEqual([code, stdout], [0, `+ ecr-cred-helper@${version}\n`], stderr);
    }
  });

  it('is shown as it is typed', async () => {
    const command = ['printf', '%s\n', 'a b', "it's", '$HOME', 'x=1'];
    assert.equal((await run('bash', ['-c', inShell(command)])).stdout, "a b\nit's\n$HOME\nx=1\n");
  });

  it('has an archive for each machine, of the same image, which skopeo reads', async () => {
    for (const { architecture, digest: ofImage, layout } of images) {
      const archive = join(folder, `${architecture}.tar`);
      const manifest = await manifestIn(layout);
      assert.equal(manifest.digest, ofImage);
      await packImage(
        { platform: { architecture }, manifest },
        layout,
        `ghcr.io/x/y:${version}`,
        archive,
        epochSeconds,
      );
      const { stdout, stderr } = await run('skopeo', ['inspect', `oci-archive:${archive}:${version}`]);
      assert.equal(stderr, '');
      const { Digest, Architecture } = JSON.parse(stdout);
      assert.deepEqual([Digest, Architecture], [ofImage, architecture]);
      const index = JSON.parse((await run('tar', ['-xOf', archive, 'index.json'])).stdout);
      assert.equal(index.manifests[0].annotations['io.containerd.image.name'], `ghcr.io/x/y:${version}`);
    }
  });

  async function taken(env: Record<string, string> = {}) {
    const log = join(folder, 'log');
    await rm(log, { force: true });
    const said: string[] = [];
    const path = [join(folder, 'bin'), process.env['PATH']].join(':');
    const asked = async ([program = '', ...args]: readonly string[]): Promise<boolean> =>
      spawnSync(program === 'helm' ? helm : program, args, {
        env: { ...process.env, ...env, PATH: path, HOME: folder },
        stdio: 'ignore',
        timeout: 60_000,
      }).status === 0;
    const failed = await publish(steps, asked, (line) => said.push(line));
    const text = await readFile(log, 'utf8').catch(() => '');
    return { failed, said, log: text.replaceAll(`${folder}/`, '').trim().split('\n') };
  }

  async function chartDigest(): Promise<string | null> {
    const answer = await fetch(`${registry.url}/v2/charts/ecr-cred-helper/manifests/${version}`, {
      headers: { Accept: 'application/vnd.oci.image.manifest.v1+json', Authorization: login },
    });
    return answer.headers.get('docker-content-digest');
  }
});

/** Writes down how it was called; questions are answered as IS_THERE says, and what FAILS names fails. */
function pretender(folder: string): string {
  return `#!/bin/sh
echo "\${0##*/} $*" >> ${folder}/log
case "\${0##*/} $*" in
  *' view '*) [ -n "$IS_THERE" ] ;;
  "\${FAILS:-nothing}"*) exit 1 ;;
esac
`;
}

/** A small image in a layout of its own. */
async function imageOf(folder: string, architecture: string) {
  const layout = join(folder, `layout-${architecture}`);
  await mkdir(join(layout, 'blobs/sha256'), { recursive: true });
  await writeFile(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const blob = async (mediaType: string, data: Buffer): Promise<Descriptor> => {
    const digest = `sha256:${createHash('sha256').update(data).digest('hex')}`;
    await writeFile(blobIn(layout, digest), data);
    return { mediaType, digest, size: data.length };
  };
  const json = (mediaType: string, value: unknown) => blob(mediaType, Buffer.from(JSON.stringify(value)));
  const layer = await blob('application/vnd.oci.image.layer.v1.tar', Buffer.alloc(1024));
  const config = await json('application/vnd.oci.image.config.v1+json', {
    architecture,
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  });
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = await json(mediaType, { schemaVersion: 2, mediaType, config, layers: [layer] });
  await writeFile(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
  return { platform: { architecture }, manifest, layout };
}

async function manifestIn(layout: string): Promise<Descriptor> {
  const { manifests }: { manifests: Descriptor[] } = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'));
  const { mediaType, digest, size } = manifests[0] ?? assert.fail(layout);
  return { mediaType, digest, size };
}
