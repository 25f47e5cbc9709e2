import { stringify } from 'yaml';
import type { Certificate } from '../certificates.ts';

export interface KubeconfigOptions {
  /** A bearer token instead of the administrator's. */
  token?: string;
  /** The administrator's client certificate instead of a token. */
  clientCertificate?: boolean;
  namespace?: string;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** Where the emulator is, and who its administrator is. */
export interface Administrator {
  url: string;
  ca: string;
  token: string;
  certificate: Certificate;
}

/** A kubeconfig with one context, `emulator`. */
export function kubeconfig(admin: Administrator, options: KubeconfigOptions): string {
  const certificate = {
    'client-certificate-data': base64(admin.certificate.cert),
    'client-key-data': base64(admin.certificate.key),
  };
  const user = options.clientCertificate === true ? certificate : { token: options.token ?? admin.token };
  const namespace = options.namespace === undefined ? {} : { namespace: options.namespace };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'emulator', cluster: { server: admin.url, 'certificate-authority-data': base64(admin.ca) } }],
    users: [{ name: 'emulator', user }],
    contexts: [{ name: 'emulator', context: { cluster: 'emulator', user: 'emulator', ...namespace } }],
    'current-context': 'emulator',
  });
}
