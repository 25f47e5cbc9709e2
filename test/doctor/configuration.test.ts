import { after, before, describe, it } from 'node:test';
import { isGolden, servedStage, type Stage } from './stage.ts';

describe('doctor, of the configuration', () => {
  let stage: Stage;
  before(async () => {
    stage = await servedStage();
  });
  after(() => stage.close());

  it('names mistyped and retired variables, and what cannot be read, and goes on with the rest', async () => {
    const mistakes = {
      ECR_SECRT_NAME: 'ecr-creds',
      ECR_CRON_SCHEDULE: '0 */6 * * *',
      DOCKER_REGISTRY: 'registry.example',
      AWS_DEFAULT_REGION: 'us-east-1\n',
    };
    await isGolden('configuration', (more) => stage.doctor(more, mistakes));
  });

  it('says where nothing is set at all', async () => {
    const nothing = {
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_DEFAULT_REGION: undefined,
      AWS_ENDPOINT_URL: undefined,
      AWS_CA_BUNDLE: undefined,
      HTTPS_PROXY: undefined,
      AWS_EC2_METADATA_DISABLED: undefined,
      // Nothing must be asked of the network that this test runs in.
      NODE_OPTIONS: '--import=data:text/javascript,',
    };
    await isGolden('nothing-set', (more) => stage.inCluster(more, { ...nothing, AWS_EC2_METADATA_DISABLED: 'true' }));
  });

  it('ends on a mistyped flag like every command', async () => {
    const { code, stdout, lines } = await stage.doctor(['--verbos']);
    if (code !== 2 || stdout !== '' || !JSON.stringify(lines).includes('--verbose'))
      throw new Error(JSON.stringify(lines));
  });
});
