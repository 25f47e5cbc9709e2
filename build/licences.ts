import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

type Package = { name: string; version: string; license?: string };

/** The licences of the packages in these directories, as one text. A package that ships no text stands with its licence's name. */
export async function licencesOf(root: string, directories: readonly string[]): Promise<string> {
  const parts = await Promise.all(directories.map((directory) => licenceOf(join(root, directory))));
  const rule = `\n\n${'-'.repeat(79)}\n\n`;
  return `Parts of this program come from the following packages.${rule}${parts.join(rule)}\n`;
}

async function licenceOf(directory: string): Promise<string> {
  const { name, version, license }: Package = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
  const files = (await readdir(directory))
    .filter((file) => /^(?:licen[cs]e|notice|copying)(?:\.|-|$)/i.test(file))
    .sort();
  const texts = await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')));
  return [`${name} ${version} (${license ?? 'see below'})`, ...texts.map((text) => text.trim())].join('\n\n');
}
