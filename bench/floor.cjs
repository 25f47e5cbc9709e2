'use strict';
// node bench/floor.cjs <file with settings as JSON>: sends one patch for each namespace over a bare client, and does nothing else.
const { readFileSync } = require('node:fs');

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { url, tls, namesFile, concurrency, headers, body, query } = settings;
const { hostname, port, pathname } = new URL(url);
const base = pathname.replace(/\/$/, '');
const names = JSON.parse(readFileSync(namesFile, 'utf8'));
const client = http1Client();
let next = 0;
void Promise.all(Array.from({ length: Math.min(concurrency, names.length) }, worker)).then(client.close);

async function worker() {
  while (next < names.length) {
    const name = names[next++];
    const status = await client.patch(`${base}/api/v1/namespaces/${name}/secrets/ecr-creds?${query}`);
    if (status !== 200 && status !== 201) throw new Error(`${name}: ${status}`);
  }
}

function http1Client() {
  const { Agent, request } = require('node:https');
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency, ...tls });
  const sent = { ...headers, 'content-length': Buffer.byteLength(body) };
  const patch = (path) =>
    new Promise((resolve, reject) => {
      const options = { agent, hostname, port, path, method: 'PATCH', headers: sent };
      const outgoing = request(options, (response) => response.resume().on('end', () => resolve(response.statusCode)));
      outgoing.on('error', reject).end(body);
    });
  return { patch, close: () => agent.destroy() };
}
