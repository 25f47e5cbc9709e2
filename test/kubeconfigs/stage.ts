import { spawn } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createAuthority, localCertificates } from '../../emulators/certificates.ts';
import { startKubernetes } from '../../emulators/kubernetes/index.ts';
import { startSocksProxy } from '../support/socks-proxy.ts';
import { bundledTool } from '../support/bundled-tools.ts';
import { one, type Row } from './row.ts';

export type Placed = { env: Record<string, string>; variable: string; kubeconfig?: string; context?: string };
export type Stage = Awaited<ReturnType<typeof startStage>>;

const DAY_MS = 86_400_000;

/** An API server, ways to it, and a directory with everything that kubeconfigs refer to. */
export async function startStage() {
  const kubernetes = await startKubernetes();
  const directory = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-kubeconfigs-'));
  const kubectl = await bundledTool('kubectl');
  const { ca, admin, issue } = await localCertificates();
  const other = await createAuthority('another CA');
  const [others, expired] = await Promise.all([
    other.issue({ commonName: 'kubernetes-admin', organization: 'system:masters' }),
    issue({
      commonName: 'kubernetes-admin',
      organization: 'system:masters',
      notAfter: new Date(Date.now() - DAY_MS / 2),
    }),
  ]);
  const accountToken = kubernetes.serviceAccountToken('default', 'robot');
  const pki = { 'ca.crt': ca, 'client.crt': admin.cert, 'client.key': admin.key };
  await mkdir(join(directory, 'pki'));
  await mkdir(join(directory, 'home'));
  for (const [name, content] of Object.entries(pki)) await writeFile(join(directory, 'pki', name), content);
  await writeFile(join(directory, 'account-token'), accountToken);
  await writeFile(join(directory, 'admin'), kubernetes.kubeconfig());

  const { port } = kubernetes;
  const ways = await Promise.all([relay(port), httpProxy(), startSocksProxy()]);
  const [viaV6, viaHttp, viaSocks] = ways.map((each) => String((each.address() as AddressInfo).port)); // TCP
  const proxied = spawn(kubectl, ['proxy', '--port=0', `--kubeconfig=${join(directory, 'admin')}`]);
  const [said] = (await once(proxied.stdout, 'data')) as [Buffer];

  const encrypted = createPrivateKey(admin.key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  });
  const values: Record<string, string> = {
    DIR: directory,
    SERVER: kubernetes.url,
    PORT: String(port),
    PORT_V6: viaV6 ?? '',
    HTTP_PROXY_PORT: viaHttp ?? '',
    SOCKS_PORT: viaSocks ?? '',
    PROXIED: /:(\d+)\s*$/.exec(said.toString())?.[1] ?? '',
    TOKEN: kubernetes.adminToken,
    ACCOUNT_TOKEN: accountToken,
    CA_PEM: ca,
    CA: base64(ca),
    OTHER_CA: base64(other.ca),
    CERT_PEM: `${admin.cert}\n`,
    KEY_PEM: `${admin.key}\n`,
    CERT: base64(admin.cert),
    KEY: base64(admin.key),
    CERT_JSON: inJson(admin.cert),
    KEY_JSON: inJson(admin.key),
    CERT_DER: new X509Certificate(admin.cert).raw.toString('base64'),
    KEY_ENCRYPTED: base64(String(encrypted)),
    OTHER_CERT: base64(others.cert),
    OTHER_KEY: base64(others.key),
    EXPIRED_CERT: base64(expired.cert),
    EXPIRED_KEY: base64(expired.key),
  };
  const filled = (text: string, here: string): string => {
    const all: Record<string, string> = { ...values, HERE: here };
    return text.replaceAll(/\$([A-Z_0-9]+)/g, (whole, name: string) => all[name] ?? whole);
  };
  values['ONE_BASE64'] = base64(filled(one(), ''));

  return {
    kubectl,
    directory,
    /** Writes a row's files into a directory of its own. */
    async place(
      { yaml, files = {}, variable = '$HERE/config', flags = {}, env = {} }: Row,
      number: number,
    ): Promise<Placed> {
      const here = join(directory, 'rows', String(number));
      for (const [name, content] of Object.entries({ config: yaml, ...files })) {
        const path = join(here, name);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, filled(content, here));
        if (content.startsWith('#!')) await chmod(path, 0o755);
      }
      const fill = (texts: Readonly<Record<string, string>>) =>
        Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, filled(text, here)]));
      return {
        env: { PATH: `${join(here, 'bin')}:/usr/bin:/bin`, HOME: join(directory, 'home'), ...fill(env) },
        variable: filled(variable, here),
        ...fill(flags),
      };
    },
    async close() {
      proxied.kill();
      for (const way of ways) way.close();
      await kubernetes.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function joined(from: Socket, to: Socket): void {
  from.pipe(to).pipe(from);
  for (const each of [from, to]) each.on('error', () => [from, to].forEach((socket) => socket.destroy()));
}

/** The server at an address of IPv6. */
async function relay(port: number): Promise<Server> {
  const server = net.createServer((client) => joined(client, net.connect(port, '127.0.0.1')));
  server.listen(0, '::1');
  await once(server, 'listening');
  return server;
}

async function httpProxy(): Promise<Server> {
  const server = http.createServer();
  server.on('connect', ({ url = '' }, client: Socket) => {
    const [host = '', port] = url.split(':');
    const target = net.connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      joined(client, target);
    });
    target.on('error', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
