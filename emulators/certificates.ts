/** A certificate and its private key, PEM. */
export interface Certificate {
  cert: string;
  key: string;
}

/** What a certificate says. */
export interface Subject {
  commonName: string;
  /** An organization; in a client certificate for Kubernetes, a group. */
  organization?: string;
  /** The host names and IP addresses that a server's is for. One without is a client's. */
  hosts?: readonly string[];
  /** Where it is good until another moment than the others. */
  notAfter?: Date;
}

/** A certificate authority that lives as long as the process. */
export interface Authority {
  /** Its own certificate, PEM. */
  ca: string;
  issue: (subject: Subject) => Promise<Certificate>;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

type Local = Authority & { server: Certificate; admin: Certificate };

let local: Promise<Local> | undefined;

/** The authority that all emulators of this process share, the certificate of their servers, and an administrator's. */
export function localCertificates(): Promise<Local> {
  local ??= createAuthority('emulator CA').then(async ({ ca, issue }) => ({
    ca,
    issue,
    server: await issue({
      commonName: 'kube-apiserver',
      hosts: ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', '127.0.0.1', '::1'],
    }),
    admin: await issue({ commonName: 'kubernetes-admin', organization: 'system:masters' }),
  }));
  return local;
}

/** Makes an authority whose certificates are good from yesterday on for ten days. */
export async function createAuthority(commonName: string): Promise<Authority> {
  // Loaded where it is needed: it takes 80 ms. It wants this polyfill first.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const { subtle } = crypto;
  const notBefore = new Date(Date.now() - DAY_MS);
  const notAfter = new Date(Date.now() + 9 * DAY_MS);
  const common = { notBefore, notAfter, signingAlgorithm: ALGORITHM };
  const keys = await subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...common,
    name: [{ CN: [commonName] }],
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });

  async function issue({
    commonName: name,
    organization,
    hosts,
    notAfter: until = notAfter,
  }: Subject): Promise<Certificate> {
    const own = await subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const purpose = hosts === undefined ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth;
    const names = (hosts ?? []).map((host) => ({
      type: isAddress(host) ? ('ip' as const) : ('dns' as const),
      value: host,
    }));
    const certificate = await x509.X509CertificateGenerator.create({
      ...common,
      notAfter: until,
      subject: [...(organization === undefined ? [] : [{ O: [organization] }]), { CN: [name] }],
      issuer: root.subject,
      signingKey: keys.privateKey,
      publicKey: own.publicKey,
      extensions: [
        new x509.BasicConstraintsExtension(false),
        new x509.ExtendedKeyUsageExtension([purpose]),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
      ],
    });
    const pkcs8 = await subtle.exportKey('pkcs8', own.privateKey);
    return { cert: certificate.toString('pem'), key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') };
  }

  return { ca: root.toString('pem'), issue };
}

function isAddress(host: string): boolean {
  return /^[\d.]+$|:/.test(host);
}
