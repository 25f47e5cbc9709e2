import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import type { Pem } from './entry.ts';

/** @throws where the first certificate is none: OpenSSL would pass over it in silence. */
export function judgeAuthority({ text, from }: Pem): void {
  certificateIn(text, from);
}

/**
 * Judges a client certificate before a server has to, which only says that it does not take it.
 * @param of whose it is, for the message.
 * @throws where either is not what it should be, they do not belong together, or the certificate has expired.
 */
export function judgePair(cert: Pem, key: Pem, of: string, nowMs: number): void {
  const certificate = certificateIn(cert.text, cert.from);
  if (!certificate.checkPrivateKey(keyIn(key))) {
    throw new Error(`client-key of ${of} does not belong to its client-certificate`);
  }
  if (certificate.validToDate.getTime() >= nowMs) return;
  throw new Error(`the client certificate of ${of} has expired on ${certificate.validToDate.toISOString()}`);
}

function certificateIn(text: string, from: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (error) {
    throw new Error(`${from} holds no certificate that can be read`, { cause: error });
  }
}

function keyIn({ text, from }: Pem): KeyObject {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    throw new Error(`${from} is encrypted, and nobody can be asked for its password`);
  }
  try {
    return createPrivateKey(text);
  } catch (error) {
    throw new Error(`${from} holds no private key that can be read`, { cause: error });
  }
}
