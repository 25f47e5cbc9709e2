import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';
import { failure, type Result } from '../../core/failures/errors.ts';

export type CaBundleEnv = { readonly AWS_CA_BUNDLE?: string | undefined };

/**
 * The authorities that certificates of AWS are judged by, as PEM; `undefined` for Node's own store.
 *
 * `AWS_CA_BUNDLE` replaces the public authorities, as it does in the AWS CLI and botocore, so that one bundle means the
 * same to every tool: who points it at a single CA trusts that one alone. `NODE_EXTRA_CA_CERTS` is meant as an addition
 * and stays one.
 * @returns `CertificatesUnreadable` when the file cannot be read or holds something that is no certificate.
 */
export function readCaBundle(env: CaBundleEnv): Result<string[] | undefined> {
  const path = env.AWS_CA_BUNDLE ?? '';
  if (path === '') return { ok: true, value: undefined };
  try {
    const certificates = certificatesIn(readFileSync(path, 'utf8'));
    if (certificates.length === 0) return unreadable(path, 'it holds no PEM certificate');
    return { ok: true, value: [...certificates, ...getCACertificates('extra')] };
  } catch (error) {
    return unreadable(path, error instanceof Error ? error.message : String(error));
  }
}

/** @throws when a block that says it is a certificate is none: OpenSSL would pass over it in silence. */
function certificatesIn(pem: string): string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block).toString());
}

function unreadable(path: string, why: string): Result<never> {
  return { ok: false, failure: failure('CertificatesUnreadable', { where: path, why, name: 'AWS_CA_BUNDLE' }) };
}
