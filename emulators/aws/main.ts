import { once } from 'node:events';
import { parseArgs } from 'node:util';

import { startAws } from './server.ts';

const HELP = `Serves Amazon ECR, ECR Public, STS, the Pod Identity agent and IMDSv2 on 127.0.0.1.

  node emulators/aws/main.ts [--port N]

  --port N   the port; a free one where it is absent
  --help     this text

Prints one line of JSON (url, accessKeyId, secretAccessKey, account, roleArn) when it is ready and runs until SIGTERM.
Point a client to it with AWS_ENDPOINT_URL.
`;

const { values } = parseArgs({ options: { port: { type: 'string' }, help: { type: 'boolean' } } });
if (values.help === true) process.stdout.write(HELP);
else await run(Number(values.port ?? '0'));

async function run(port: number): Promise<void> {
  const aws = await startAws({ port });
  const { accessKeyId, secretAccessKey, account, roleArn } = aws.defaults;
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  process.stdout.write(`${JSON.stringify({ url: aws.url, accessKeyId, secretAccessKey, account, roleArn })}\n`);
  await stopped;
  await aws.close();
}
