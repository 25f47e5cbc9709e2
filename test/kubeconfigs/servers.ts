import { one, type Row } from './row.ts';

const admin = 'kubernetes-admin';
const ca = 'certificate-authority-data: $CA';
const at = (cluster: string, more: Partial<Row> = {}) => ({ yaml: one({ cluster }), ...more });

/** Where the server is, how it is reached, and by what it is known. */
export const servers: readonly Row[] = [
  {
    title: 'host and port without a scheme, with an authority: https',
    is: admin,
    kubectl: 'broken',
    because: 'kubectl speaks plain HTTP there before it has read what says TLS',
    ...at(`server: "127.0.0.1:$PORT", ${ca}`),
  },
  {
    title: 'a name and a port without a scheme',
    is: admin,
    kubectl: 'broken',
    because: 'kubectl speaks plain HTTP there before it has read what says TLS',
    ...at(`server: "localhost:$PORT", ${ca}`),
  },
  {
    title: 'host and port without a scheme, with the insecure flag: https',
    is: admin,
    kubectl: 'broken',
    because: 'kubectl speaks plain HTTP there before it has read what says TLS',
    ...at('server: "localhost:$PORT", insecure-skip-tls-verify: true'),
  },
  {
    title: 'host and port without a scheme or anything of TLS: http, where nobody speaks it',
    is: 'broken',
    ...at('server: "127.0.0.1:$PORT"'),
  },
  {
    title: 'host, port and a path without a scheme',
    is: 'file',
    says: /the server .* is no URL/,
    ...at(`server: "localhost:$PORT/k8s", ${ca}`),
  },
  {
    title: 'another protocol',
    is: 'file',
    kubectl: 'broken',
    because: 'kubectl finds out when it asks',
    says: /speaks ftp/,
    ...at(`server: "ftp://127.0.0.1:$PORT", ${ca}`),
  },
  { title: 'a scheme alone', is: 'file', says: /is no URL/, ...at(`server: "https://", ${ca}`) },
  { title: 'a scheme with one slash', is: 'file', says: /is no URL/, ...at(`server: "https:/127.0.0.1:$PORT", ${ca}`) },
  {
    title: 'no scheme, though its slashes',
    is: 'file',
    says: /is no URL/,
    ...at(`server: "//127.0.0.1:$PORT", ${ca}`),
  },
  { title: 'a space in front', is: 'file', says: /is no URL/, ...at(`server: "  https://127.0.0.1:$PORT", ${ca}`) },
  {
    title: 'no server',
    is: 'file',
    kubectl: 'broken',
    because: 'kubectl goes on to localhost:8080, where nobody has meant anything',
    says: /the cluster c names no server/,
    ...at(ca),
  },
  { title: 'a slash at the end', is: admin, ...at(`server: "$SERVER/", ${ca}`) },
  { title: 'a scheme in capitals', is: admin, ...at(`server: "HTTPS://127.0.0.1:$PORT", ${ca}`) },
  {
    title: 'a user and a password in the URL',
    is: 'file',
    kubectl: 'unauthorized',
    because: 'nothing on the way may log them, and no API server takes them',
    says: /holds a user or a password/,
    yaml: one({ cluster: `server: "https://a:b@127.0.0.1:$PORT", ${ca}` }),
  },
  { title: 'an address of IPv6', is: admin, ...at(`server: "https://[::1]:$PORT_V6", ${ca}`) },
  {
    title: 'another name for TLS, which the certificate has',
    is: admin,
    ...at(`server: "$SERVER", ${ca}, tls-server-name: kubernetes.default`),
  },
  {
    title: 'another name for TLS, which it does not have',
    is: 'untrusted',
    ...at(`server: "$SERVER", ${ca}, tls-server-name: other.example`),
  },
  { title: 'another authority', is: 'untrusted', ...at('server: "$SERVER", certificate-authority-data: $OTHER_CA') },
  { title: 'no authority, where the machine does not know it', is: 'untrusted', ...at('server: "$SERVER"') },
  {
    title: 'no authority, where the machine knows it',
    is: admin,
    ...at('server: "$SERVER"', { env: { SSL_CERT_FILE: '$DIR/pki/ca.crt' } }),
  },
  {
    title: 'an authority that is empty',
    is: 'untrusted',
    ...at('server: "$SERVER", certificate-authority-data: "", certificate-authority: ""'),
  },
  {
    title: 'an authority in a file and as data',
    is: 'file',
    says: /certificate-authority and certificate-authority-data/,
    ...at(`server: "$SERVER", ${ca}, certificate-authority: $DIR/pki/ca.crt`),
  },
  {
    title: 'an authority whose file is gone',
    is: 'file',
    says: /certificate-authority: .*ENOENT/,
    ...at('server: "$SERVER", certificate-authority: gone.crt'),
  },
  {
    title: 'an authority that is no base64',
    is: 'file',
    says: /certificate-authority-data of the cluster c is no base64/,
    ...at('server: "$SERVER", certificate-authority-data: "-----BEGIN CERTIFICATE-----"'),
  },
  {
    title: 'an authority that is no PEM',
    is: 'file',
    says: /certificate-authority-data of the cluster c/,
    ...at('server: "$SERVER", certificate-authority-data: REDACTED'),
  },
  {
    title: 'an authority, and the flag not to look at it',
    is: 'file',
    says: /insecure-skip-tls-verify/,
    ...at(`server: "$SERVER", ${ca}, insecure-skip-tls-verify: true`),
  },
  {
    title: 'the insecure flag as a text',
    is: 'file',
    says: /insecure-skip-tls-verify of the cluster c is a text/,
    ...at('server: "$SERVER", insecure-skip-tls-verify: "true"'),
  },
  {
    title: 'the insecure flag as older YAML writes it',
    is: admin,
    ...at('server: "$SERVER", insecure-skip-tls-verify: yes'),
  },
  { title: 'a proxy', is: admin, ...at(`server: "$SERVER", ${ca}, proxy-url: "http://127.0.0.1:$HTTP_PROXY_PORT"`) },
  {
    title: 'a proxy that is not there',
    is: 'broken',
    ...at(`server: "$SERVER", ${ca}, proxy-url: "http://127.0.0.1:1"`),
  },
  { title: 'a SOCKS proxy', is: admin, ...at(`server: "$SERVER", ${ca}, proxy-url: "socks5://127.0.0.1:$SOCKS_PORT"`) },
  {
    title: 'a SOCKS proxy with a user and a password',
    is: admin,
    ...at(`server: "$SERVER", ${ca}, proxy-url: "socks5://me:secret@127.0.0.1:$SOCKS_PORT"`),
  },
  {
    title: 'a SOCKS proxy that is not there',
    is: 'broken',
    ...at(`server: "$SERVER", ${ca}, proxy-url: "socks5://127.0.0.1:1"`),
  },
  {
    title: 'a SOCKS proxy that looks names up',
    is: 'file',
    says: /socks5h/,
    ...at(`server: "$SERVER", ${ca}, proxy-url: "socks5h://127.0.0.1:$SOCKS_PORT"`),
  },
  {
    title: 'a proxy of another protocol',
    is: 'file',
    says: /ftp/,
    ...at(`server: "$SERVER", ${ca}, proxy-url: "ftp://x:1"`),
  },
  {
    title: 'a proxy without a scheme',
    is: 'file',
    says: /proxy-url/,
    ...at(`server: "$SERVER", ${ca}, proxy-url: "127.0.0.1:3128"`),
  },
  { title: 'a proxy that is empty', is: admin, ...at(`server: "$SERVER", ${ca}, proxy-url: ""`) },
  {
    title: 'a proxy of the environment, which is not used on this machine',
    is: admin,
    ...at(`server: "$SERVER", ${ca}`, { env: { HTTPS_PROXY: 'http://127.0.0.1:1' } }),
  },
];
