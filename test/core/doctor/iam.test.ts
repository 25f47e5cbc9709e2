import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allowRemedy, iamStatement } from '../../../src/core/doctor/iam.ts';

const statement = iamStatement(['ecr:GetAuthorizationToken'], '*');

describe('what lets an identity do something', () => {
  const document = `'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:GetAuthorizationToken","Resource":"*"}]}'`;
  const cases: Record<string, [arn: string | undefined, remedy: string]> = {
    'is a policy of the user': [
      'arn:aws:iam::123456789012:user/ci/me',
      `Allow it: aws iam put-user-policy --user-name me --policy-name p --policy-document ${document}`,
    ],
    'is a policy of the role that is assumed': [
      'arn:aws-us-gov:sts::123456789012:assumed-role/puller/session',
      `Allow it: aws iam put-role-policy --role-name puller --policy-name p --policy-document ${document}`,
    ],
    'is a policy of the role': [
      'arn:aws:iam::123456789012:role/team/puller',
      `Allow it: aws iam put-role-policy --role-name puller --policy-name p --policy-document ${document}`,
    ],
    'is told in words of a role that IAM Identity Center keeps as it is': [
      'arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Dev_1/me',
      `Add to an IAM policy of arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Dev_1/me: ${statement}`,
    ],
    'is told in words of the root of an account': [
      'arn:aws:iam::123456789012:root',
      `Add to an IAM policy of arn:aws:iam::123456789012:root: ${statement}`,
    ],
    'is told in words of whom nobody names': [undefined, `Add to an IAM policy of this identity: ${statement}`],
  };
  for (const [title, [arn, remedy]] of Object.entries(cases)) {
    it(title, () => assert.equal(allowRemedy(arn, 'p', statement), remedy));
  }
});
