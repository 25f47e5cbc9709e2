/** What must never be printed, by the way it looks. The emulators' own credentials are known; so are the shapes of all others. */
const secrets: Record<string, RegExp> = {
  'an authorization token of ECR': /QVdTO[A-Za-z0-9+/]{8,}/,
  'a docker config with a password': /"(?:password|auth)"\s*:\s*"[^"<*[]/,
  'a secret access key': /wJalrXUtnFEMI/,
  'a bearer token': /\bBearer [\w.~+/-]{16,}/,
  'a JSON Web Token': /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/,
  "the administrator's token": /\badmin-[0-9a-f]{32}\b/,
  'a private key': /-----BEGIN (?:\w+ )?PRIVATE KEY-----/,
  'the token of the Pod Identity agent': /pod-identity-token-of-the-emulator/,
};

/** Each secret in a text, as where it stands and what it is; the secret itself is not repeated. */
export function leaksIn(text: string): string[] {
  return text.split('\n').flatMap((line, index) =>
    Object.entries(secrets)
      .filter(([, pattern]) => pattern.test(line))
      .map(([what]) => `line ${index + 1} shows ${what}`),
  );
}
