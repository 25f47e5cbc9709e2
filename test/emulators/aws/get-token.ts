// Asks ECR for a token with whatever credentials the SDK's own chain finds in the environment.
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';

const client = new ECRClient({ maxAttempts: 1 });
const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}));
process.stdout.write(JSON.stringify({ proxyEndpoint: authorizationData?.[0]?.proxyEndpoint }));
