/** Shorter ones would be found in ordinary words. */
const LEAST_CHARACTERS = 8;
/** Of those that were learnt the newest count: what a controller was given months ago opens nothing any more. */
const MOST_SECRETS = 100;
const MOST_CHARACTERS = 64 * 1024;
/** A piece of a secret nearly as long as two of these is known wherever the secret was cut. */
const CHUNK = 8;
/** A secret of these characters alone, as keys and tokens are, is of such characters in all its forms... */
const dense = /^[\w+/=-]{16,}$/;
/** ...so that a text without so many of them in a row holds no piece of it that is long enough to be known. */
const denseRun = /[\w+/=%-]{15}/;

/** From the first character to the one behind the last. */
export type Span = readonly [start: number, end: number];

/** Hears of a value that must not come out. */
export type Learn = (value: string | undefined) => void;

/** Every value that came in as a secret, in each form in which it could come out. */
export type Secrets = {
  /** Takes any text; what is too short to be told from a word is not kept. */
  learn: Learn;
  /** Where secrets, or pieces of them, stand in a text; in order, without overlap. Linear in the length of the text. */
  find(text: string): Span[];
};

/**
 * Knows at first what never changes while the process lives, and keeps it; of what it learns it keeps the newest.
 * @param lasting of the environment and the arguments.
 */
export function createSecrets(lasting: readonly string[] = []): Secrets {
  const known = new Set<string>();
  const learnt = new Set<string>();
  // Their forms are many times as long as they are: not before somebody asks of a text that could hold one.
  let waiting: string[] = [];
  let index = emptyIndex();
  for (const value of lasting) for (const secret of secretsOf(value)) known.add(secret);
  waiting.push(...known);

  const learn = (secret: string): void => {
    if (known.has(secret)) return;
    if (!learnt.delete(secret)) waiting.push(secret);
    // The last one is the newest.
    learnt.add(secret);
    const [oldest] = learnt;
    if (learnt.size <= MOST_SECRETS || oldest === undefined) return;
    learnt.delete(oldest);
    waiting = [...known, ...learnt];
    index = emptyIndex();
  };
  return {
    learn: (value = '') => {
      for (const secret of secretsOf(value)) learn(secret);
    },
    find(text) {
      const couldHold = denseRun.test(text) ? () => true : (secret: string) => !dense.test(secret);
      for (const secret of waiting.filter(couldHold)) add(formsOf(secret), index);
      waiting = waiting.filter((secret) => !couldHold(secret));
      return merged([...wholes(text, index.whole), ...pieces(text, index.chunks)]);
    },
  };
}

/** The value itself, and the words in it that may be secrets of their own. */
function secretsOf(value: string): string[] {
  const secret = value.trim().slice(0, MOST_CHARACTERS);
  if (secret.length < LEAST_CHARACTERS) return [];
  const words = /\s/.test(secret) ? secret.split(/\s+/).filter((word) => word.length >= 20 && /\d/.test(word)) : [];
  return [secret, ...words];
}

type Index = {
  /** Forms that are looked for whole. */
  whole: string[];
  /** Where each aligned chunk of the longer ones stands. */
  chunks: Map<string, { form: string; at: number }>;
};

function emptyIndex(): Index {
  return { whole: [], chunks: new Map() };
}

function add(forms: readonly string[], { whole, chunks }: Index): void {
  for (const form of forms) {
    // What has spaces in it was pasted from a document, and pieces of it are ordinary words.
    if (form.length < 2 * CHUNK || /\s/.test(form)) whole.push(form);
    else for (let at = 0; at + CHUNK <= form.length; at += CHUNK) chunks.set(form.slice(at, at + CHUNK), { form, at });
  }
}

function wholes(text: string, forms: readonly string[]): Span[] {
  const spans: Span[] = [];
  for (const form of forms) {
    for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + form.length)) {
      spans.push([at, at + form.length]);
    }
  }
  return spans;
}

function pieces(text: string, chunks: Index['chunks']): Span[] {
  if (chunks.size === 0) return [];
  const spans: Span[] = [];
  for (let at = 0; at + CHUNK <= text.length; at += 1) {
    const found = chunks.get(text.slice(at, at + CHUNK));
    if (found === undefined) continue;
    const span = extended(text, at, found);
    spans.push(span);
    at = Math.max(at, span[1] - CHUNK);
  }
  return spans;
}

/** As far as text and secret agree in both directions. */
function extended(text: string, at: number, { form, at: within }: { form: string; at: number }): Span {
  let before = 0;
  while (before < Math.min(at, within) && text[at - before - 1] === form[within - before - 1]) before += 1;
  let after = CHUNK;
  while (after < form.length - within && at + after < text.length && text[at + after] === form[within + after])
    after += 1;
  return [at - before, at + after];
}

function merged(spans: Span[]): Span[] {
  const result: [number, number][] = [];
  for (const [start, end] of spans.sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last !== undefined && start < last[1]) last[1] = Math.max(last[1], end);
    else result.push([start, end]);
  }
  return result;
}

function formsOf(secret: string): string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  // Go writes these three so.
  const inGoJson = inJson.replaceAll('&', '\\u0026').replaceAll('<', '\\u003c').replaceAll('>', '\\u003e');
  const nested = JSON.stringify(inJson).slice(1, -1);
  const all = [secret, inJson, inGoJson, nested, ...urlForms(secret), ...base64Forms(secret)];
  return [...new Set(all)].filter((form) => form.length >= LEAST_CHARACTERS);
}

function urlForms(secret: string): string[] {
  // A lone surrogate, which no credential holds, has no such form.
  if (!secret.isWellFormed()) return [];
  const encoded = encodeURIComponent(secret);
  const inForm = encoded.replaceAll('%20', '+');
  return [
    encoded,
    inForm,
    ...[encoded, inForm].map((each) => each.replaceAll(/%[\dA-F]{2}/g, (hex) => hex.toLowerCase())),
  ];
}

/**
 * Base64 of the secret wherever it stands in what was encoded (`AWS:<password>`): three alignments, each without the
 * characters that its neighbours decide.
 */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const inner = encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_'), encodeURIComponent(inner)];
  });
}
