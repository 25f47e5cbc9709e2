import type { Secrets, Span } from './secrets.ts';

const mask = '[redacted]';

/** What a text may come to; nothing that people read is longer. */
const MOST_CHARACTERS = 4096;
/** Looked at beyond that, so that what is cut there is known for what it is. */
const MARGIN = 128;

/** What credentials look like, whoever's they are; a first group is the part before them that says what was there. */
const patterns: readonly RegExp[] = [
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/gs,
  // The same in base64, as kubeconfigs have it; a certificate is no secret.
  /LS0tLS1CRUdJTi(?!BDRVJU)[\w+/=-]{8,}/g,
  /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{12,}/g,
  /(\b(?:[Bb]earer|BEARER|[Bb]asic|BASIC)\s+)(?=[\w+/.~-]*(?:\d|=|[a-z][A-Z])|[\w+/.~-]{20})[\w+/.~-]{8,}=*/g,
  /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g,
  /\bk8s-aws-v1\.[\w-]{8,}/g,
  /\bgh[oprsu]_[A-Za-z0-9]{20,}/g,
  // Session tokens of AWS.
  /(?<![\w+/])(?:IQoJ|FwoG|FQoG)[\w+/-]{20,}={0,2}/g,
  // base64 of `AWS:` and of `{"auths"` or `{"payload"`, as tokens and docker configs begin.
  /(?:QVdTO|eyJhdXRoc|eyJwYXlsb2Fk)[\w+/-]{8,}={0,2}/g,
  // JSON, also inside a string of JSON, where each quote has a backslash.
  /((?<!\\)(?<quote>\\*")(?:auth|password|identitytoken|registrytoken|authorizationToken|secretAccessKey|sessionToken|token|id-token|refresh-token|client-secret|client-key-data)\k<quote>\s*:\s*\k<quote>)(?:(?!\k<quote>)(?:\\.|[^\\]))*/gis,
  /(<(?:SecretAccessKey|SessionToken|WebIdentityToken)>)[^<]*/gi,
  /((?:secret_access_key|session_token|secretaccesskey|sessiontoken)['"]?\s*[=:]\s*['"]?)(?!\[redacted\])[^\s'"&]+/gi,
  /(\b(?:password|passwd|id-token|refresh-token|client-secret|client-key-data)\s*[=:]\s*)(?!\[redacted\])(?=[^\s'"&,]*\d)[^\s'"&,]{8,}/gi,
  /(X-Amz-(?:Security-Token|Signature)['"]?\s*[=:]\s*['"]?)[^&\s'"]+/gi,
  /(\bSignature['"]?\s*[=:]\s*['"]?)[0-9a-f]{32,}/gi,
  // To the last `@` of what may be a user, since passwords hold that, too.
  /((?<![a-z0-9+.-])[a-z][a-z0-9+.-]*:\/\/[^\s/:@"]*:)[^\s/"]+(?=@)/gi,
  /((?<![a-z0-9+.-])https?:\/\/)[^\s/:@"]{8,}(?=@)/gi,
  // An AWS secret key: forty characters of base64, and no SHA-1.
  /(?<![A-Za-z0-9+/=_.-])(?=[A-Za-z0-9+/]*[a-z])(?=[A-Za-z0-9+/]*[A-Z])(?=[A-Za-z0-9+/]*[0-9+])[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=_.-])/g,
];

/** What has to stand in a text for one of the patterns to match: most lines hold none of it and are done with at once. */
const shape =
  /AKIA|ASIA|bearer|basic|eyJ|QVdTO|:\/\/|-----BEGIN|LS0tLS|k8s-aws|gh[oprsu]_|IQoJ|FwoG|FQoG|[A-Za-z0-9+/]{40}/i;
/** A name, and the sign that is between it and what it names. */
const name = /auth|passw|token|secret|signature|client-key/i;
const sign = /[=:>]/;

function isSuspicious(text: string): boolean {
  return shape.test(text) || (sign.test(text) && name.test(text));
}

/** Takes credentials out of a text, and then cuts it to so many characters; 4096 where nothing is said. */
export type Redact = (text: string, mostCharacters?: number) => string;

/**
 * A redactor of exactly what `secrets` knows and of whatever looks like a credential. Digests, request ids and ordinary
 * words stay. It looks at no more of a text than it gives back, so its time is bounded whatever comes in.
 */
export function createRedactor(secrets: Pick<Secrets, 'find'>): Redact {
  return (text, mostCharacters = MOST_CHARACTERS) => {
    const seen = text.slice(0, mostCharacters + MARGIN);
    const known = withoutSpans({ text: seen, cut: Math.min(seen.length, mostCharacters) }, secrets.find(seen));
    const { text: clean, cut } = isSuspicious(known.text) ? patterns.reduce(withoutPattern, known) : known;
    return text.length > mostCharacters ? `${clean.slice(0, cut)}…` : clean;
  };
}

/** Whether a variable of that name holds a secret. */
export function namesSecret(variable: string): boolean {
  return /(?:SECRET|TOKEN|PASSWORD|PASSWD|_KEY|CREDENTIALS?)$/i.test(variable);
}

/** Whether a text is one that nobody should have to see: it looks like a credential, or holds one. */
export function looksSecret(text: string): boolean {
  const seen = text.slice(0, MOST_CHARACTERS);
  if (isSuspicious(seen) && patterns.some((pattern) => seen.search(pattern) !== -1)) return true;
  if (/[\r\n]/.test(seen.trim())) return true;
  if (/^[0-9a-f]{32,}$/i.test(seen)) return true;
  return /^[\w+=-][\w+/=-]{19,}$/.test(seen) && [/[a-z]/, /[A-Z]/, /\d/].every((kind) => kind.test(seen));
}

/** A text and how much of it will be shown, which must not end within what is masked. */
type Cutting = { text: string; cut: number };

function withoutSpans({ text, cut }: Cutting, spans: readonly Span[]): Cutting {
  return replaced(
    { text, cut },
    spans.map(([start, end]) => ({ start, end, by: mask })),
  );
}

function withoutPattern({ text, cut }: Cutting, pattern: RegExp): Cutting {
  if (text.search(pattern) === -1) return { text, cut };
  const found = [...text.matchAll(pattern)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    by: `${match[1] ?? ''}${mask}`,
  }));
  return replaced({ text, cut }, found);
}

function replaced({ text, cut }: Cutting, parts: readonly { start: number; end: number; by: string }[]): Cutting {
  let result = '';
  let from = 0;
  let cutAfter = cut;
  for (const { start, end, by } of parts) {
    result += text.slice(from, start) + by;
    from = end;
    if (end <= cut) cutAfter += by.length - (end - start);
    else if (start < cut) cutAfter = result.length;
  }
  return { text: result + text.slice(from), cut: cutAfter };
}
