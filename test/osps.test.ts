/** docs/osps.md, and what of the OSPS Baseline is shown by looking at the repository itself. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { bundle, packageDirectories } from '../build/bundle.ts';
import { linksOf } from '../build/links.ts';
import { run, withDirectory } from './emulators/tools.ts';

const root = join(import.meta.dirname, '..');

/** https://baseline.openssf.org/versions/2026-02-19: by area, of which number up to which part. */
const baseline: Record<1 | 2 | 3, string> = {
  1: 'AC-01.01 AC-02.01 AC-03.01 AC-03.02 BR-01.01 BR-01.03 BR-03.01 BR-03.02 BR-07.01 DO-01.01 DO-02.01 GV-02.01 GV-03.01 LE-02.01 LE-02.02 LE-03.01 LE-03.02 QA-01.01 QA-01.02 QA-02.01 QA-04.01 QA-05.01 QA-05.02 VM-02.01',
  2: 'AC-04.01 BR-02.01 BR-04.01 BR-05.01 BR-06.01 DO-06.01 DO-07.01 GV-01.01 GV-01.02 GV-03.02 LE-01.01 QA-03.01 QA-06.01 SA-01.01 SA-02.01 SA-03.01 VM-01.01 VM-03.01 VM-04.01',
  3: 'AC-04.02 BR-01.04 BR-02.02 BR-07.02 DO-03.01 DO-03.02 DO-04.01 DO-05.01 GV-04.01 QA-02.02 QA-04.02 QA-06.02 QA-06.03 QA-07.01 SA-03.02 VM-04.02 VM-05.01 VM-05.02 VM-05.03 VM-06.01 VM-06.02',
};

describe('docs/osps.md', () => {
  const page = readFileSync(join(root, 'docs/osps.md'), 'utf8');
  const levels = page.split(/^## Level /m).slice(1);

  it('has every requirement of the Baseline, at its level', () => {
    for (const [level, expected] of Object.entries(baseline)) {
      const text = levels.find((section) => section.startsWith(level)) ?? '';
      const named = [...text.matchAll(/^\| OSPS-(\S+) \|/gm)].map(([, id]) => id);
      assert.deepEqual(named, expected.split(' '));
    }
  });

  it('has for each a link, or says that the platform shows it, or that it is not met', () => {
    for (const row of page.split('\n').filter((line) => line.startsWith('| OSPS-'))) {
      const evidence = row.split('|')[3] ?? '';
      assert.ok(linksOf(evidence).length > 0 || /the platform|not met/.test(evidence), row);
    }
  });
});

describe('the repository', () => {
  it('holds nothing binary, and nothing that was generated and runs', async () => {
    const { code, stdout } = await run('git', ['-C', root, 'ls-files', '--eol']);
    assert.equal(code, 0);
    const lines = stdout.trim().split('\n');
    assert.ok(lines.length > 300);
    assert.deepEqual(
      lines.filter((line) => line.startsWith('i/-text') || /\.(?:wasm|node|so|exe|class|jar|min\.js)$/.test(line)),
      [],
    );
  });

  it('is made of what is under licences that CONTRIBUTING.md names', async () => {
    const forTools = /^(?:Apache-2\.0|MIT|ISC|0BSD|BSD-[23]-Clause|BlueOak-1\.0\.0|CC0-1\.0)$/;
    const forUsers = /^(?:Apache-2\.0|MIT|ISC|0BSD|BSD-[23]-Clause)$/;
    type Locked = { packages: Record<string, { license?: string; link?: boolean }> };
    const { packages }: Locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
    const bundled = await withDirectory((folder) => bundle('src/main.ts', folder, '0.0.0'));
    const shipped = new Set(packageDirectories(bundled));
    const odd = Object.entries(packages).filter(([path, { license = '', link }]) => {
      if (link === true || path === 'build/node') return false;
      const all = license.replaceAll(/[()]/g, '').split(' AND ');
      return !all.every((one) =>
        one.split(' OR ').some((choice) => (shipped.has(path) ? forUsers : forTools).test(choice)),
      );
    });
    assert.deepEqual(odd, []);
  });
});
