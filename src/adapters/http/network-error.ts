/** Node's code of an error: `ECONNRESET`, `ERR_TLS_CERT_ALTNAME_INVALID`. */
export function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** What went wrong: a host with several addresses fails with an AggregateError, whose own message is empty. */
export function messageOf(error: Error): string {
  if (!(error instanceof AggregateError) || error.message !== '') return error.message || codeOf(error);
  return error.errors.map((each: unknown) => (each instanceof Error ? each.message : String(each))).join('; ');
}
