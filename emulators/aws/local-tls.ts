import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DIRECTORY = new URL('../kubernetes/tls/', import.meta.url);

/** The CA that a client must trust to talk to an emulator on 127.0.0.1 or localhost. */
export const CA_FILE: string = fileURLToPath(new URL('ca.pem', DIRECTORY));

/** The certificate that the emulators share, with its key, in PEM. */
export function localTls(): { cert: string; key: string } {
  const read = (name: string) => readFileSync(new URL(name, DIRECTORY), 'utf8');
  return { cert: read('server.pem'), key: read('server-key.pem') };
}
