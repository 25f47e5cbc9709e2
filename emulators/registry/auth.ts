/** An answer that is sent instead of what was asked for. */
export type Refusal = { status: number; headers: Record<string, string>; body: string };

export type Login = { user: string; password: string };

/** Reads HTTP Basic credentials; nothing where there are none that can be read. */
export function readLogin(authorization: string | undefined): Login | undefined {
  const match = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '');
  if (match === null) return undefined;
  const [user = '', ...rest] = Buffer.from(match[1] ?? '', 'base64')
    .toString()
    .split(':');
  const password = rest.join(':');
  // Some clients send an empty login rather than none.
  return user === '' && password === '' ? undefined : { user, password };
}

/**
 * How ECR refuses: 401 with a challenge where no login came, 403 for a token that is one but no longer valid, 400 for
 * what is no token at all.
 */
export function refusalOf(login: Login | undefined, registryUrl: string): Refusal {
  if (login === undefined) {
    const challenge = `Basic realm="${registryUrl}/",service="ecr.amazonaws.com"`;
    return {
      status: 401,
      headers: { 'www-authenticate': challenge, 'content-type': 'text/plain; charset=utf-8' },
      body: 'Not Authorized\n',
    };
  }
  if (login.user !== 'AWS' || !isTokenLike(login.password)) {
    return { status: 400, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'Bad Request\n' };
  }
  return registryError(403, 'DENIED', 'Your authorization token has expired. Reauthenticate and try again.');
}

/** An error in the form of the distribution specification. */
export function registryError(status: number, code: string, message: string): Refusal {
  const body = JSON.stringify({ errors: [{ code, message }] });
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body };
}

function isTokenLike(password: string): boolean {
  try {
    const value: unknown = JSON.parse(Buffer.from(password, 'base64').toString());
    return typeof value === 'object' && value !== null && 'expiration' in value;
  } catch {
    return false;
  }
}
