import { asHeader, type Connection, type Credentials } from './connection.ts';

/**
 * The same connection on behalf of another user, as kubectl's `--as` does. For a service account the API server adds
 * its groups by itself.
 */
export function impersonating(connection: Connection, user: string, groups: readonly string[] = []): Connection {
  const impersonation = {
    'impersonate-user': asHeader(user),
    ...(groups.length === 0 ? {} : { 'impersonate-group': groups.map(asHeader) }),
  };
  const disguises = new WeakMap<Credentials, { disguised: Credentials }>();
  const origins = new WeakMap<Credentials, Credentials>();
  // The same object for the same credentials: the transport tells by it that nothing has changed.
  const disguise = (credentials: Credentials): Credentials => {
    const known = disguises.get(credentials);
    if (known !== undefined) return known.disguised;
    const disguised = { ...credentials, headers: { ...credentials.headers, ...impersonation } };
    disguises.set(credentials, { disguised });
    origins.set(disguised, credentials);
    return disguised;
  };
  return {
    ...connection,
    credentials: async () => disguise(await connection.credentials()),
    renewed: async (refused) => {
      const other = await connection.renewed(origins.get(refused) ?? refused);
      return other === undefined ? undefined : disguise(other);
    },
  };
}
