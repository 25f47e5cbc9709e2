import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ended, startJobStage, type JobStage } from '../support/job-stage.ts';
import { shippedProgram, type ShippedProgram } from '../support/shipped-program.ts';

/** What the SDK asks on the node it asks with Node's HTTP client, which the built program loads only then. */
describe('the built program gets its credentials', () => {
  let program: ShippedProgram;
  let stage: JobStage;
  before(async () => {
    [program, stage] = await Promise.all([shippedProgram(), startJobStage()]);
    stage.kubernetes.createNamespace('team-a', { credentialType: 'ecr' });
  });
  after(async () => {
    await Promise.all([stage.close(), program.close()]);
  });

  const exitCode = async (env: Record<string, string>) => {
    const none = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
    return (await ended(stage.start([], { ...none, ...env }, 'pipe', 'pipe', program.command))).code;
  };
  it('from Pod Identity', async () => {
    const { podIdentityToken, containerCredentialsUrl } = stage.aws.defaults;
    const given = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: containerCredentialsUrl,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: podIdentityToken,
    };
    assert.equal(await exitCode(given), 0);
  });
  it('from instance metadata', async () => {
    const given = { AWS_EC2_METADATA_SERVICE_ENDPOINT: stage.aws.url, AWS_EC2_METADATA_DISABLED: 'false' };
    assert.equal(await exitCode(given), 0);
  });
  it('from nobody, where nobody has any', async () => assert.equal(await exitCode({}), 3));
});
