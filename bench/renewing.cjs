'use strict';
// node bench/renewing.cjs <file with settings as JSON>: writes a Lease again and again over a bare client, and does nothing else.
const { readFileSync } = require('node:fs');
const { Agent, request } = require('node:https');

const { url, tls, headers, namespace, name, everyMs } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { hostname, port } = new URL(url);
const agent = new Agent({ keepAlive: true, ...tls });
const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;

void renew();

async function renew() {
  let resourceVersion = await send('POST', leases);
  setInterval(async () => (resourceVersion = await send('PUT', `${leases}/${name}`, resourceVersion)), everyMs);
}

function send(method, path, resourceVersion) {
  const body = JSON.stringify({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace, name, resourceVersion },
    spec: { holderIdentity: name, leaseDurationSeconds: 15 },
  });
  const sent = { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const options = { agent, hostname, port, path, method, headers: sent };
    const outgoing = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('end', () => resolve(JSON.parse(text).metadata.resourceVersion));
    });
    outgoing.on('error', reject).end(body);
  });
}
