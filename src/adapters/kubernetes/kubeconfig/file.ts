import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { isRecord, text } from '../../../core/api/reply.ts';

/** An entry of `clusters`, `users` or `contexts`, and the directory that its relative paths start from. */
export type Entry = { name: string; fields: Readonly<Record<string, unknown>>; directory: string; file: string };

/** What a context comes down to. */
export type Chosen = { context: string; cluster: Entry; user: Entry };

export type Read<T> = { ok: true; value: T } | { ok: false; file: string; why: string };

/**
 * Reads a list of files as in `KUBECONFIG` and finds a context in them (the current one where none is named). As kubectl
 * does, files that are not there are passed over, and of two entries of one name the first counts.
 */
export function chooseContext(paths: string, named: string | undefined): Read<Chosen> {
  const files = paths.split(delimiter).filter((path) => path !== '' && existsSync(path));
  if (files.length === 0) return { ok: false, file: paths, why: 'there is no such file' };
  const documents: Document[] = [];
  for (const file of files) {
    const read = readDocument(file);
    if (!read.ok) return read;
    documents.push(read.value);
  }
  return chosenFrom(documents, named || documents.map(currentContext).find((name) => name !== '') || '', paths);
}

/** A path of the file, which is relative to the file's directory. */
export function pathIn(entry: Entry, path: string): string {
  return isAbsolute(path) ? path : join(entry.directory, path);
}

type Document = { file: string; content: Record<string, unknown> };

function readDocument(file: string): Read<Document> {
  let content: unknown;
  try {
    const lineCounter = new LineCounter();
    const document = parseDocument(readFileSync(file, 'utf8'), { prettyErrors: false, lineCounter, merge: true });
    const [flaw] = document.errors;
    // Without the parser's message: that quotes what stands there, and it may be a key.
    if (flaw !== undefined) {
      const { line } = lineCounter.linePos(flaw.pos[0]);
      return { ok: false, file, why: `it is not YAML: ${flaw.code.toLowerCase().replaceAll('_', ' ')} (line ${line})` };
    }
    content = document.toJS();
  } catch (error) {
    return { ok: false, file, why: error instanceof Error ? error.message : String(error) };
  }
  return isRecord(content)
    ? { ok: true, value: { file, content } }
    : { ok: false, file, why: 'it holds no kubeconfig' };
}

function chosenFrom(documents: readonly Document[], context: string, paths: string): Read<Chosen> {
  const flaw = (why: string, file = paths): Read<Chosen> => ({ ok: false, file, why });
  const contexts = documents.flatMap((document) => entriesOf(document, 'contexts', 'context'));
  const found = contexts.find(({ name }) => name === context);
  if (found === undefined) {
    const known = [...new Set(contexts.map(({ name }) => name))].join(', ') || 'none';
    return flaw(`it has no context named ${context || '(none is set)'}; it has ${known}`);
  }
  const cluster = entryNamed(documents, 'clusters', 'cluster', text(found.fields['cluster']));
  if (cluster === undefined) return flaw(`the context ${context} names no cluster that is in it`, found.file);
  const userName = text(found.fields['user']);
  // A context without a user is anonymous; one with a user that is not there is a mistake.
  const user = userName === '' ? { ...found, fields: {} } : entryNamed(documents, 'users', 'user', userName);
  if (user === undefined) return flaw(`the context ${context} names no user that is in it`, found.file);
  return { ok: true, value: { context, cluster, user } };
}

function entryNamed(documents: readonly Document[], list: string, field: string, name: string): Entry | undefined {
  return documents.flatMap((document) => entriesOf(document, list, field)).find((entry) => entry.name === name);
}

function entriesOf({ file, content }: Document, list: string, field: string): Entry[] {
  const items = content[list];
  if (!Array.isArray(items)) return [];
  return items.filter(isRecord).map((item) => {
    const fields = item[field];
    return { name: text(item['name']), fields: isRecord(fields) ? fields : {}, directory: dirname(file), file };
  });
}

function currentContext({ content }: Document): string {
  return text(content['current-context']);
}
