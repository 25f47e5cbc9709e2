import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ownVersion, versionedFiles, withVersion } from '../../build/version.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

describe('the version', () => {
  it('stands in package.json, and elsewhere as npm run docs brings it there', () => {
    for (const path of versionedFiles) assert.equal(withVersion(read(path), ownVersion()), read(path), path);
  });

  it('is brought to every place where it stands', () => {
    const plain = new RegExp(`(?<![\\d.])${ownVersion().replaceAll('.', '\\.')}(?![\\d.]\\d)`);
    const left = versionedFiles.flatMap((path) =>
      withVersion(read(path), '9.9.9-rc.1')
        .split('\n')
        .filter((line) => plain.test(line))
        .map((line) => `${path}: ${line}`),
    );
    assert.deepEqual(left, []);
  });

  it('is there at all where people take it from', () => {
    const places = [
      'README.md',
      'deploy/base-cronjob/kustomization.yaml',
      'deploy/chart/Chart.yaml',
      'docs/operations.md',
    ];
    for (const path of places) assert.match(withVersion(read(path), '9.9.9-rc.1'), /9\.9\.9-rc\.1/, path);
  });

  it('of others stays as it is', () => {
    const others = 'Helm 3.17.1, kubernetes:1.36.2, kubeVersion: ">=1.25.0-0"\nversion: v1.36.2\n  version: 1.2.3\n';
    assert.equal(withVersion(others, '9.9.9'), others);
  });
});

describe('the changelog', () => {
  const headings = [...read('CHANGELOG.md').matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading);

  it('begins with the version in package.json', () => {
    assert.match(headings[0] ?? '', new RegExp(`^${ownVersion().replaceAll('.', '\\.')} \\(`));
  });

  it('says of each version when it came out; of the first that it has not, or when', () => {
    for (const [index, heading] of headings.entries()) {
      const [, when = ''] = /^\d+\.\d+\.\d+(?:-[\w.]+)? \((.*)\)$/.exec(heading) ?? [];
      assert.ok(/^\d{4}-\d\d-\d\d$/.test(when) || (index === 0 && when === 'unreleased'), heading);
    }
  });
});
