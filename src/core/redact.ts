const mask = '[redacted]';

/** Shorter ones would be found in ordinary words. */
const leastCharacters = 8;

/** What credentials look like, whoever's they are; each keeps the part before them that says what was there. */
const patterns: readonly [RegExp, string][] = [
  [/(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{12,}/g, mask],
  [
    /\b([Bb]earer|BEARER|[Bb]asic|BASIC)\s+(?=[\w+/.~-]*(?:\d|=|[a-z][A-Z])|[\w+/.~-]{20})[\w+/.~-]{8,}=*/g,
    `$1 ${mask}`,
  ],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, mask],
  // base64 of `AWS:` and of `{"auths"` or `{"payload"`, as tokens and docker configs begin.
  [/(?:QVdTO|eyJhdXRoc|eyJwYXlsb2Fk)[\w+/-]{8,}={0,2}/g, mask],
  // JSON, also inside a string of JSON, where each quote has a backslash.
  [
    /((?<!\\)(?<quote>\\*")(?:auth|password|identitytoken|registrytoken|authorizationToken|secretAccessKey|sessionToken|token)\k<quote>\s*:\s*\k<quote>)(?:(?!\k<quote>)(?:\\.|[^\\]))*/gis,
    `$1${mask}`,
  ],
  [/(<(SecretAccessKey|SessionToken|WebIdentityToken)>)[^<]*/gi, `$1${mask}`],
  [
    /((?:secret_access_key|session_token|secretaccesskey|sessiontoken)['"]?\s*[=:]\s*['"]?)(?!\[redacted\])[^\s'"&]+/gi,
    `$1${mask}`,
  ],
  [/(X-Amz-(?:Security-Token|Signature)['"]?\s*[=:]\s*['"]?)[^&\s'"]+/gi, `$1${mask}`],
  [/(\bSignature=)[0-9a-f]{32,}/gi, `$1${mask}`],
  [/((?<![a-z0-9+.-])[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:)[^\s/@]+@/gi, `$1${mask}@`],
];

/** What has to stand in a text for one of the patterns to match: most lines hold none of it and are done with at once. */
const suspicious = /AKIA|ASIA|bearer|basic|eyJ|QVdTO|auth|password|token|secret|signature=|:\/\//i;

/**
 * Takes credentials out of a text: exactly those that `secrets` names, also as base64 and as they stand in JSON and in
 * URLs, and whatever looks like one. Digests, request ids and ordinary words stay.
 * @param secrets asked each time, since credentials rotate; those under 8 characters are ignored.
 */
export function createRedactor(secrets: () => readonly string[]): (text: string) => string {
  const formsOf = remembered(formsOfAll);
  return (text) => {
    const withoutKnown = formsOf(secrets()).reduce((rest, form) => rest.replaceAll(form, mask), text);
    if (!suspicious.test(withoutKnown)) return withoutKnown;
    return patterns.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), withoutKnown);
  };
}

/** The longest first: a secret may be part of another, whose rest would stay. */
function formsOfAll(secrets: readonly string[]): string[] {
  const forms = secrets.filter((secret) => secret.length >= leastCharacters).flatMap(formsOf);
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

function formsOf(secret: string): string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), urlEncoded(secret), ...base64Forms(secret)];
}

function urlEncoded(secret: string): string {
  // A lone surrogate, which no credential holds, has no such form.
  return secret.isWellFormed() ? encodeURIComponent(secret) : secret;
}

/**
 * Base64 of the secret wherever it stands in what was encoded (`AWS:<password>`): three alignments, each without the
 * characters that its neighbours decide.
 */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const aligned = [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const first = Math.ceil((before * 8) / 6);
    const last = Math.floor(((before + bytes.length) * 8) / 6);
    const inner = encoded.slice(first, last);
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return aligned.filter((form) => form.length >= leastCharacters);
}

/** Secrets rotate seldom and lines are many. */
function remembered(compute: (secrets: readonly string[]) => string[]): (secrets: readonly string[]) => string[] {
  let last: { secrets: readonly string[]; forms: string[] } = { secrets: [], forms: [] };
  return (secrets) => {
    const isSame =
      secrets.length === last.secrets.length && secrets.every((each, index) => each === last.secrets[index]);
    if (!isSame) last = { secrets: [...secrets], forms: compute(secrets) };
    return last.forms;
  };
}
