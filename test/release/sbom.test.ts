import { Enums, Models } from '@cyclonedx/cyclonedx-library';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { bundle, packageDirectories } from '../../build/bundle.ts';
import { platforms } from '../../build/release/platforms.ts';
import { bundledComponents, imageBom, packageBom } from '../../build/release/sbom.ts';
import type { Source } from '../../build/release/source.ts';
import { withDirectory } from '../emulators/tools.ts';

type Shown = {
  name: string;
  version: string;
  purl: string;
  components?: Shown[];
  licenses?: unknown;
  hashes?: unknown;
};
type Bom = {
  specVersion: string;
  serialNumber: string;
  metadata: { timestamp: string; component: Shown };
  components: Shown[];
};

const root = join(import.meta.dirname, '../..');
const sha256 = 'ab'.repeat(32);
const source: Source = { version: '2.0.0', commit: 'c0ffee', isTagged: true, changed: [], epochSeconds: 1_700_000_000 };

describe('the bill of materials', () => {
  let directories: string[];
  let bundled: Awaited<ReturnType<typeof bundledComponents>>;
  before(async () => {
    directories = packageDirectories(await withDirectory((folder) => bundle('src/main.ts', folder, '2.0.0')));
    bundled = await bundledComponents(root, directories);
  });

  it('of the package has every package that is bundled, as package-lock.json has it', async () => {
    const { specVersion, metadata, components }: Bom = JSON.parse(await packageBom(source, sha256, bundled));
    assert.equal(specVersion, '1.6');
    assert.equal(metadata.timestamp, '2023-11-14T22:13:20.000Z');
    assert.deepEqual(metadata.component.hashes, [{ alg: 'SHA-256', content: sha256 }]);
    assert.equal(components.length, directories.length);
    const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
    const { version, integrity } = packages['node_modules/@aws-sdk/client-ecr'];
    const sdk = components.find(({ purl }) => purl === `pkg:npm/%40aws-sdk/client-ecr@${version}`);
    assert.deepEqual(sdk?.licenses, [{ license: { id: 'Apache-2.0' } }]);
    const content = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
    assert.deepEqual(sdk?.hashes, [{ alg: 'SHA-512', content }]);
    for (const { purl, hashes, licenses } of components)
      assert.ok(hashes !== undefined && licenses !== undefined, purl);
  });

  it('of an image has Node with what is in that, and the packages of Debian, too', async () => {
    const [platform = assert.fail()] = platforms;
    const manifest = { mediaType: 'm', digest: `sha256:${sha256}`, size: 1 };
    const debian = [{ name: 'libstdc++6', version: '12.2.0-14+deb12u1', copyright: '' }];
    const made = { platform, name: 'n', manifest, debian, nodeLicence: '' };
    const text = await imageBom(source, made, { node: '24.21.0', openssl: '3.5.1', modules: '137' }, bundled);
    assert.equal(text, await imageBom(source, made, { node: '24.21.0', openssl: '3.5.1', modules: '137' }, bundled));
    const { metadata, components, serialNumber }: Bom = JSON.parse(text);
    assert.match(serialNumber, /^urn:uuid:[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/);
    assert.match(
      metadata.component.purl,
      /^pkg:oci\/ecr-cred-helper@sha256%3A(?:ab){32}\?repository_url=.*&arch=amd64/,
    );
    const purls = components.map(({ purl }) => purl);
    assert.ok(purls.includes('pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12'));
    const node = components.find(({ name }) => name === 'node');
    assert.deepEqual(
      node?.components?.map(({ name, version }) => [name, version]),
      [['openssl', '3.5.1']],
    );
    assert.equal(components.length, directories.length + 2);
  });

  it('is held to the schema of CycloneDX', async () => {
    const odd = new Models.Component(Enums.ComponentType.Library, JSON.parse('5'));
    await assert.rejects(packageBom(source, sha256, [...bundled, odd]), /^Error: ecr-cred-helper: no CycloneDX 1\.6/);
  });
});
