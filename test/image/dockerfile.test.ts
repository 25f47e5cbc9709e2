import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const dockerfile = readFileSync(join(root, 'image/Dockerfile'), 'utf8');
const description: { optionalDependencies: Record<string, string> } = JSON.parse(
  readFileSync(join(root, 'build/node/package.json'), 'utf8'),
);

test('the image is built on the Node that the tests run on', () => {
  const [, version] = /^ARG BUILD_IMAGE=\S+\/node:([\d.]+)-/m.exec(dockerfile) ?? [];
  assert.deepEqual(Object.values(description.optionalDependencies), [version, version]);
  assert.equal(process.versions.node, version);
});

test('its last stage runs nothing and starts the program as its unprivileged user', () => {
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
  assert.doesNotMatch(last, /^(?:RUN|SHELL|CMD|ADD) /m);
  assert.match(last, /^USER 65532:65532$/m);
  assert.match(last, /^COPY --from=build \/usr\/local\/LICENSE \/app\/NODE-LICENSE$/m);
  assert.match(
    last,
    /^ENTRYPOINT \["\/usr\/local\/bin\/node", "--disable-sigusr1", .*"\/app\/ecr-cred-helper\.cjs"\]$/m,
  );
});

test('every base can be replaced by a build argument', () => {
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
  assert.deepEqual(bases, ['${BUILD_IMAGE}', '${RUNTIME_IMAGE}']);
});
