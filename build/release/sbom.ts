import { Enums, Models, Serialize, Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { names } from './names.ts';
import type { PlatformImage } from './image.ts';
import type { Source } from './source.ts';

const { Bom, Component } = Models;
const { ComponentType, HashAlgorithm } = Enums;
const version = Spec.Version.v1dot6;

/** Versions that Node tells of, but that are of interfaces, not of what is in it. */
const notInNode = new Set(['node', 'modules', 'napi']);

/** What is bundled: its names, versions, licences, and the digests of its archives as package-lock.json has them. */
export async function bundledComponents(root: string, directories: readonly string[]): Promise<Models.Component[]> {
  type Locked = { packages: Record<string, { integrity?: string }> };
  const { packages }: Locked = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const components = directories.map(async (directory) => {
    const path = join(root, directory, 'package.json');
    const found: { name: string; version: string; license?: string } = JSON.parse(await readFile(path, 'utf8'));
    const [, digest] = /^sha512-(.+)$/.exec(packages[directory]?.integrity ?? '') ?? [];
    const [, group, name = found.name] = /^(?:(@[^/]+)\/)?(.+)$/.exec(found.name) ?? [];
    const purl = `pkg:npm/${group === undefined ? '' : `${encodeURIComponent(group)}/`}${name}@${found.version}`;
    return new Component(ComponentType.Library, name, {
      ...(group === undefined ? {} : { group }),
      version: found.version,
      purl,
      bomRef: purl,
      licenses: licences(found.license),
      hashes: new Models.HashDictionary(
        digest === undefined ? [] : [[HashAlgorithm['SHA-512'], Buffer.from(digest, 'base64').toString('hex')]],
      ),
    });
  });
  return Promise.all(components);
}

/**
 * The bill of materials of the package for npm, in CycloneDX's JSON.
 * @param sha256 of the archive, in hexadecimal.
 * @throws Error where it does not keep to CycloneDX's schema.
 */
export function packageBom(source: Source, sha256: string, bundled: readonly Models.Component[]): Promise<string> {
  const purl = `pkg:npm/ecr-cred-helper@${source.version}`;
  const subject = new Component(ComponentType.Application, 'ecr-cred-helper', {
    version: source.version,
    purl,
    bomRef: purl,
    licenses: licences('Apache-2.0'),
    hashes: new Models.HashDictionary([[HashAlgorithm['SHA-256'], sha256]]),
  });
  return serialized(source, subject, sha256, bundled);
}

/**
 * The bill of materials of an image: what is bundled, Node with what is in that, Debian's packages.
 * @param nodeVersions what `process.versions` is in it.
 * @throws Error where it does not keep to CycloneDX's schema.
 */
export function imageBom(
  source: Source,
  { platform, manifest, debian }: PlatformImage,
  nodeVersions: Readonly<Record<string, string>>,
  bundled: readonly Models.Component[],
): Promise<string> {
  const { architecture } = platform;
  const digest = manifest.digest.replace('sha256:', '');
  const where = `repository_url=${encodeURIComponent(names.image)}&arch=${architecture}&tag=${source.version}`;
  const purl = `pkg:oci/ecr-cred-helper@${encodeURIComponent(manifest.digest)}?${where}`;
  const subject = new Component(ComponentType.Container, names.image, {
    version: source.version,
    purl,
    bomRef: purl,
    licenses: licences('Apache-2.0'),
    hashes: new Models.HashDictionary([[HashAlgorithm['SHA-256'], digest]]),
  });
  const packages = debian.map(({ name, version }) => {
    const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}&distro=debian-12`;
    return new Component(ComponentType.Library, name, { version, purl, bomRef: purl });
  });
  return serialized(source, subject, digest, [...bundled, ...packages, nodeComponent(nodeVersions)]);
}

function nodeComponent(versions: Readonly<Record<string, string>>): Models.Component {
  const generic = (name: string, version: string): string => `pkg:generic/${name}@${encodeURIComponent(version)}`;
  const { node = '' } = versions;
  const purl = generic('node', node);
  const within = Object.entries(versions).filter(([name]) => !notInNode.has(name));
  return new Component(ComponentType.Application, 'node', {
    version: node,
    purl,
    bomRef: purl,
    cpe: `cpe:2.3:a:nodejs:node.js:${node}:*:*:*:*:*:*:*`,
    licenses: licences('MIT'),
    components: new Models.ComponentRepository(
      within.map(
        ([name, version]) =>
          new Component(ComponentType.Library, name, {
            version,
            purl: generic(name, version),
            bomRef: `${purl}#${name}`,
          }),
      ),
    ),
  });
}

function licences(expression: string | undefined): Models.LicenseRepository {
  if (expression === undefined) return new Models.LicenseRepository();
  return new Models.LicenseRepository([
    /^[\w.-]+$/.test(expression) ? new Models.SpdxLicense(expression) : new Models.LicenseExpression(expression),
  ]);
}

async function serialized(
  { epochSeconds, version: ofProgram }: Source,
  subject: Models.Component,
  digest: string,
  components: readonly Models.Component[],
): Promise<string> {
  const bom = new Bom({
    serialNumber: serialNumber(`${subject.name} ${ofProgram} ${digest}`),
    metadata: new Models.Metadata({ timestamp: new Date(epochSeconds * 1000), component: subject }),
    components: new Models.ComponentRepository(components),
  });
  const factory = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  const text = new Serialize.JsonSerializer(factory).serialize(bom, { sortLists: true, space: 2 });
  const wrong = await new Validation.JsonStrictValidator(version).validate(text);
  if (wrong !== null) throw new Error(`${subject.name}: no CycloneDX 1.6: ${JSON.stringify(wrong)}`);
  return `${text}\n`;
}

/** The same for the same text: a UUID of version 8. */
function serialNumber(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
