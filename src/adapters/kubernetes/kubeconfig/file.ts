import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { LineCounter, parseDocument, type Tags } from 'yaml';
import { isRecord, text } from '../../../core/api/reply.ts';
import { textIn, type Entry } from './entry.ts';

/** What a context comes down to. */
export type Chosen = {
  context: string;
  cluster: Entry;
  user: Entry;
  isWithoutUser: boolean;
  /** Of the context; empty where it names none. */
  namespace: string;
};

export type Read<T> = { ok: true; value: T } | { ok: false; file: string; why: string };

/**
 * Reads a list of files as in `KUBECONFIG` and finds a context in them (the current one where none is named).
 *
 * As kubectl does (client-go: `ClientConfigLoadingRules.Load`), files that are not there are passed over, empty ones hold
 * nothing, and of two entries of one name the first counts. Only what the context comes down to has to be complete. Where
 * kubectl would go on to `localhost:8080`, it is said what is missing.
 */
export function chooseContext(paths: string, named: string | undefined): Read<Chosen> {
  const read = readDocuments(paths);
  if (!read.ok) return read;
  const documents = read.value;
  return chosenFrom(documents, named || documents.map(currentContext).find((name) => name !== '') || '', paths);
}

/** The names of all contexts in such a list, each once. */
export function contextsIn(paths: string): Read<string[]> {
  const read = readDocuments(paths);
  if (!read.ok) return read;
  const all = read.value.flatMap((document) => entriesOf(document, 'context'));
  return { ok: true, value: [...new Set(all.map(({ entry }) => entry.name))] };
}

function readDocuments(paths: string): Read<Document[]> {
  if (isContent(paths)) return { ok: false, file: 'KUBECONFIG (--kubeconfig)', why: HOLDS_CONTENT };
  const files = paths.split(delimiter).filter((path) => path !== '' && existsSync(path));
  if (files.length === 0) return { ok: false, file: paths, why: 'there is no such file' };
  const documents: Document[] = [];
  for (const file of new Set(files)) {
    const read = readDocument(file);
    if (!read.ok) return read;
    documents.push(read.value);
  }
  return { ok: true, value: documents };
}

const HOLDS_CONTENT = 'holds the content of a kubeconfig where its path belongs; write it to a file and name that';

/** Of no path: several lines, an object of JSON or YAML, or either in base64 as CI systems keep it. */
function isContent(paths: string): boolean {
  const decoded = Buffer.from(paths, 'base64').toString('utf8');
  return [paths, decoded].some((each) => /[\r\n]|^\s*\{/.test(each) && /clusters|contexts|apiVersion/.test(each));
}

type Document = { file: string; content: Record<string, unknown> };

// sigs.k8s.io/yaml reads YAML 1.1 (`yes` is true), though not its dates, and takes the last of two equal keys.
const dialect = {
  prettyErrors: false,
  schema: 'yaml-1.1',
  merge: true,
  uniqueKeys: false,
  customTags: (tags: Tags) => tags.filter((tag) => typeof tag === 'string' || !tag.tag.endsWith(':timestamp')),
} as const;

function readDocument(file: string): Read<Document> {
  let content: unknown;
  try {
    const lineCounter = new LineCounter();
    const document = parseDocument(decoded(readFileSync(file)), { ...dialect, lineCounter });
    // It reads the first document of a file alone, too.
    const flaw = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS');
    // Without the parser's message: that quotes what stands there, and it may be a key.
    if (flaw !== undefined) {
      const { line } = lineCounter.linePos(flaw.pos[0]);
      return { ok: false, file, why: `it is not YAML: ${flaw.code.toLowerCase().replaceAll('_', ' ')} (line ${line})` };
    }
    content = document.toJS() ?? {};
  } catch (error) {
    return { ok: false, file, why: error instanceof Error ? error.message : String(error) };
  }
  const why = isRecord(content) ? flawOf(content) : 'it holds no kubeconfig';
  return isRecord(content) && why === undefined
    ? { ok: true, value: { file, content } }
    : { ok: false, file, why: why ?? '' };
}

/** PowerShell's `>` writes UTF-16, which the YAML of Go reads, too. */
function decoded(bytes: Buffer): string {
  return new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8').decode(bytes);
}

function flawOf(content: Record<string, unknown>): string | undefined {
  const [kind, apiVersion] = [content['kind'] ?? 'Config', content['apiVersion'] ?? 'v1'];
  if (kind !== 'Config' || apiVersion !== 'v1') {
    return `it is no kubeconfig: its kind is ${text(kind) || 'no text'}, its apiVersion ${text(apiVersion) || 'no text'}`;
  }
  if (typeof (content['current-context'] ?? '') !== 'string') return 'current-context is no text; quotes make it one';
  const lists = ['clusters', 'users', 'contexts'];
  const other = lists.find((list) => !Array.isArray(content[list] ?? []));
  return other === undefined ? undefined : `${other} is no list`;
}

function chosenFrom(documents: readonly Document[], context: string, paths: string): Read<Chosen> {
  let file = paths;
  try {
    const found = entryNamed(documents, 'context', context);
    if (found === undefined) throw new Error(noContext(documents, context));
    ({ file } = found);
    const cluster = entryOf(documents, found, 'cluster');
    // A context without a user is anonymous; one with a user that is not there is a mistake.
    const isWithoutUser = textIn(found, 'user') === '';
    const user = isWithoutUser ? { ...found, fields: {} } : entryOf(documents, found, 'user');
    return { ok: true, value: { context, cluster, user, isWithoutUser, namespace: textIn(found, 'namespace') } };
  } catch (error) {
    return { ok: false, file, why: error instanceof Error ? error.message : String(error) };
  }
}

function noContext(documents: readonly Document[], context: string): string {
  const all = documents.flatMap((document) => entriesOf(document, 'context'));
  const known = [...new Set(all.map(({ entry }) => entry.name))].join(', ') || 'none';
  return `it has no context named ${context || '(none is set)'}; it has ${known}`;
}

/** @throws where the context names none, or one that is not there. */
function entryOf(documents: readonly Document[], context: Entry, kind: 'cluster' | 'user'): Entry {
  const name = textIn(context, kind);
  if (name === '') throw new Error(`the context ${context.name} names no ${kind}`);
  const found = entryNamed(documents, kind, name);
  if (found === undefined) throw new Error(`the context ${context.name} names the ${kind} ${name}, which is not in it`);
  return found;
}

/** @throws where the file that sets it sets it twice: nobody can know which is meant. */
function entryNamed(documents: readonly Document[], kind: Entry['kind'], name: string): Entry | undefined {
  const [first, second] =
    documents
      .map((document) => entriesOf(document, kind).filter(({ entry }) => entry.name === name))
      .find((entries) => entries.length > 0) ?? [];
  if (second !== undefined) throw new Error(`the ${kind} ${name} stands there twice`);
  if (first?.isNoMap === true) throw new Error(`the ${kind} ${name} is no map`);
  return first?.entry;
}

/** Those of a document; what is wrong with one matters where it is used. */
function entriesOf({ file, content }: Document, kind: Entry['kind']): { entry: Entry; isNoMap: boolean }[] {
  const items = content[`${kind}s`];
  if (!Array.isArray(items)) return [];
  const named = items.filter(isRecord).filter((item) => typeof (item['name'] ?? '') === 'string');
  return named.map((item) => {
    const fields = item[kind] ?? {};
    const entry = {
      kind,
      name: text(item['name']),
      fields: isRecord(fields) ? fields : {},
      directory: dirname(file),
      file,
    };
    return { entry, isNoMap: !isRecord(fields) };
  });
}

function currentContext({ content }: Document): string {
  return text(content['current-context']);
}
