import { stringify } from 'yaml';
import { tlsFiles } from './connections.ts';

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

/** A kubeconfig with one context, `emulator`. */
export function kubeconfig(url: string, adminToken: string, options: KubeconfigOptions): string {
  const certificate = {
    'client-certificate-data': base64(tlsFiles.admin),
    'client-key-data': base64(tlsFiles.adminKey),
  };
  const user = options.clientCertificate === true ? certificate : { token: options.token ?? adminToken };
  const namespace = options.namespace === undefined ? {} : { namespace: options.namespace };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'emulator', cluster: { server: url, 'certificate-authority-data': base64(tlsFiles.ca) } }],
    users: [{ name: 'emulator', user }],
    contexts: [{ name: 'emulator', context: { cluster: 'emulator', user: 'emulator', ...namespace } }],
    'current-context': 'emulator',
  });
}
