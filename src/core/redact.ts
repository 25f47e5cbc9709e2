const mask = '[redacted]';

/** What credentials look like, whoever's they are; each keeps the part before them that says what was there. */
const patterns: readonly [RegExp, string][] = [
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, mask],
  [/\b(Bearer|Basic)\s+[\w+/.~-]{8,}=*/gi, `$1 ${mask}`],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, mask],
  // base64 of `AWS:` and of `{"auths"` or `{"payload"`, as tokens and docker configs begin.
  [/\b(?:QVdTO|eyJhdXRoc|eyJwYXlsb2Fk)[\w+/]{8,}={0,2}/g, mask],
  [/("(?:auth|password|identitytoken|authorizationToken|secretAccessKey|sessionToken)"\s*:\s*")[^"]*/gi, `$1${mask}`],
  [/\b((?:aws_)?(?:secret_access_key|session_token|secretaccesskey|sessiontoken)\s*[=:]\s*)\S+/gi, `$1${mask}`],
  [/\b(X-Amz-(?:Security-Token|Signature)[=:]\s*)[^&\s]+/gi, `$1${mask}`],
  [/([a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:)[^\s/@]+@/gi, `$1${mask}@`],
];

/**
 * Takes credentials out of a text: exactly those that `secrets` names, also in base64, and whatever looks like one.
 * Digests, request ids and ordinary words stay.
 * @param secrets asked each time, since credentials rotate; those under 8 characters are ignored.
 */
export function createRedactor(secrets: () => readonly string[]): (text: string) => string {
  return (text) => {
    const known = secrets().filter((secret) => secret.length >= 8);
    const forms = known.flatMap((secret) => [secret, Buffer.from(secret).toString('base64')]);
    const withoutKnown = forms.reduce((rest, form) => rest.replaceAll(form, mask), text);
    return patterns.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), withoutKnown);
  };
}
