import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

type Import = { from: string; to: string; typesOnly: boolean };

const root = join(import.meta.dirname, '..');
const sources = new Map(
  globSync('src/**/*.ts', { cwd: root }).map((path) => [path, readFileSync(join(root, path), 'utf8')]),
);
const imports = [...sources].flatMap(([path, text]) => importsOf(path, text));

/** What each part may import; what stands after `types of` for its types alone. */
const allowed: Record<string, string[]> = {
  core: ['core'],
  'core/controller': ['core', 'core/controller'],
  'core/doctor': ['core', 'core/doctor'],
  'core/inventory': ['core', 'core/inventory'],
  ports: ['core', 'types of core/controller'],
  config: ['config', 'core', 'types of ports'],
  serving: ['serving', 'core', 'ports', 'types of config'],
  pass: ['pass', 'serving', 'core', 'ports', 'types of config'],
  controller: ['controller', 'core/controller', 'serving', 'core', 'ports', 'types of config'],
  doctor: ['doctor', 'core/doctor', 'serving', 'core', 'ports', 'types of config'],
  inventory: ['inventory', 'core/inventory', 'serving', 'core', 'ports', 'types of config'],
  adapters: ['adapters', 'core', 'ports', 'types of config', 'types of core/controller'],
  commands: [
    'commands',
    'serving',
    'pass',
    'controller',
    'doctor',
    'inventory',
    'config',
    'core',
    'core/controller',
    'core/doctor',
    'core/inventory',
    'ports',
  ],
  cli: ['cli', 'commands', 'config', 'core', 'types of ports'],
  main: ['main', 'cli', 'commands', 'config', 'core', 'ports', 'adapters'],
};

/** Node's own modules that reach the outside world; `node:net` also knows addresses, which is no reach. */
const worldly =
  /^node:(?:child_process|cluster|dgram|dns|fs|http|http2|https|inspector|os|process|repl|tls|v8|vm|worker_threads)(?:\/|$)/;

test('imports point one way', () => {
  assert.deepEqual(imports.filter(pointsBack), []);
});

test('no file imports itself by way of others, not even for a type', () => {
  assert.deepEqual(cyclesIn(imports), []);
});

test('every file of src belongs to a part, and none imports from outside src', () => {
  assert.deepEqual(
    [...sources.keys()].filter((path) => !((partOf(path) ?? '') in allowed)),
    [],
  );
  assert.deepEqual(
    imports.filter(({ to }) => isFile(to) && !to.startsWith('src/')),
    [],
  );
});

test('packages, and so their types, stay in the adapters', () => {
  const wrong = imports.filter(({ from, to }) => !isFile(to) && !to.startsWith('node:') && partOf(from) !== 'adapters');
  assert.deepEqual(wrong, []);
});

test('what decides touches nothing of the world', () => {
  assert.deepEqual(
    imports.filter(({ from, to, typesOnly }) => !typesOnly && !reachesOut(from) && worldly.test(to)),
    [],
  );
});

test('of node:net, what decides takes only what knows addresses', () => {
  const taken = [...sources]
    .filter(([path]) => partOf(path) !== 'adapters')
    .flatMap(([, text]) => [...text.matchAll(/import \{([^}]+)\} from 'node:net'/g)])
    .flatMap(([, names = '']) => names.split(',').map((name) => name.trim()));
  assert.deepEqual(
    taken.filter((name) => !['BlockList', 'SocketAddress', 'isIP', 'isIPv4', 'isIPv6'].includes(name)),
    [],
  );
});

test('process is touched in main.ts alone', () => {
  assert.deepEqual(
    filesWith(/(?<![\w.'"/-])process\.\w|globalThis\.process/, (path) => partOf(path) !== 'main'),
    [],
  );
});

test('time and randomness come in as arguments', () => {
  const source =
    /\b(?:Date\.now\(|new Date\(\)|Math\.random|performance\.now|setTimeout\(|setInterval\(|randomUUID|randomBytes)/;
  assert.deepEqual(
    filesWith(source, (path) => !reachesOut(path)),
    [],
  );
});

test('these rules see a breach', () => {
  const breach = importsOf(
    'src/core/secret/token.ts',
    "import { a } from '../../adapters/aws/ecr.ts';\nconst b = await import('pkg');",
  );
  assert.deepEqual(breach, [
    { from: 'src/core/secret/token.ts', to: 'src/adapters/aws/ecr.ts', typesOnly: false },
    { from: 'src/core/secret/token.ts', to: 'pkg', typesOnly: false },
  ]);
  assert.deepEqual(
    importsOf('src/main.ts', "import type {\n  A,\n} from './core/secret/token.ts';\nexport * from './cli.ts';"),
    [
      { from: 'src/main.ts', to: 'src/core/secret/token.ts', typesOnly: true },
      { from: 'src/main.ts', to: 'src/cli.ts', typesOnly: false },
    ],
  );
  const edge = (from: string, to: string) => ({ from, to, typesOnly: true });
  const rooms = ['pass', 'controller', 'doctor', 'inventory'];
  for (const one of rooms) {
    for (const other of rooms) {
      assert.equal(pointsBack(edge(`src/${one}/a.ts`, `src/${other}/b.ts`)), one !== other, `${one} → ${other}`);
      const inCore = edge(`src/core/${one}/a.ts`, `src/core/${other}/b.ts`);
      if (one !== 'pass' && other !== 'pass')
        assert.equal(pointsBack(inCore), one !== other, `core: ${one} → ${other}`);
    }
    assert.ok(pointsBack(edge(`src/serving/a.ts`, `src/${one}/b.ts`)), one);
    assert.ok(pointsBack(edge(`src/${one}/a.ts`, 'src/adapters/b.ts')), one);
  }
  assert.ok(pointsBack(edge('src/commands/a.ts', 'src/adapters/b.ts')));
  assert.ok(!pointsBack(edge('src/serving/a.ts', 'src/config/settings.ts')));
  assert.ok(pointsBack({ ...edge('src/serving/a.ts', 'src/config/settings.ts'), typesOnly: false }));
  assert.deepEqual(cyclesIn([edge('a.ts', 'b.ts'), edge('b.ts', 'c.ts'), edge('c.ts', 'b.ts'), edge('c.ts', 'd.ts')]), [
    'b.ts',
    'c.ts',
  ]);
  assert.equal(partOf('src/core/controller/lease.ts'), 'core/controller');
  assert.equal(partOf('src/core/summary.ts'), 'core');
  assert.equal(partOf('src/ports.ts'), 'ports');
  assert.ok(worldly.test('node:fs/promises') && !worldly.test('node:util'));
});

/** Static and dynamic imports and re-exports, the target as a path from the root or as the package's name. */
function importsOf(from: string, text: string): Import[] {
  const code = withoutComments(text);
  const statements = code.matchAll(
    /^\s*(?:import|export)\s+(?:(type)\s+)?(?:[\w*{][^;'"]*?\sfrom\s*)?['"]([^'"]+)['"]/gm,
  );
  const calls = code.matchAll(/\b(?:import|require)\(\s*['"]([^'"]+)['"]/g);
  return [
    ...[...statements].map(([, type, to = '']) => ({ from, to: resolved(from, to), typesOnly: type === 'type' })),
    ...[...calls].map(([, to = '']) => ({ from, to: resolved(from, to), typesOnly: false })),
  ];
}

/** Whether a part imports what it may not. */
function pointsBack(edge: Import): boolean {
  const to = partOf(edge.to);
  const rules = allowed[partOf(edge.from) ?? ''] ?? [];
  return to !== undefined && !rules.includes(to) && !(edge.typesOnly && rules.includes(`types of ${to}`));
}

/** The files from which a way leads back to themselves. */
function cyclesIn(edges: readonly Import[]): string[] {
  const next = Map.groupBy(edges, ({ from }) => from);
  return [...next.keys()].filter((file) => {
    const seen = new Set<string>();
    const open = [file];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const { to } of next.get(at) ?? []) {
        if (to === file) return true;
        if (!seen.has(to)) open.push(to);
        seen.add(to);
      }
    }
    return false;
  });
}

function resolved(from: string, to: string): string {
  return to.startsWith('.') ? relative(root, join(root, dirname(from), to)) : to;
}

function isFile(to: string): boolean {
  return to.endsWith('.ts') || to.endsWith('.json') || to.startsWith('..');
}

/** `core/controller` of `src/core/controller/lease.ts`, `core` of what every way to run uses, `ports` of `src/ports.ts`. */
function partOf(path: string): string | undefined {
  return /^src\/(core\/(?:controller|doctor|inventory)(?=\/)|[^/]+?)(?:\.ts|\/)/.exec(path)?.[1];
}

function reachesOut(path: string): boolean {
  return ['adapters', 'main'].includes(partOf(path) ?? '');
}

function filesWith(pattern: RegExp, among: (path: string) => boolean): string[] {
  return [...sources]
    .filter(([path, text]) => among(path) && pattern.test(withoutComments(text)))
    .map(([path]) => path);
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
}
