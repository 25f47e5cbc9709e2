import { shellWord } from '../text/shell.ts';

/** A statement of an IAM policy that allows actions on a resource, as JSON. */
export function iamStatement(actions: readonly string[], resource: string): string {
  const [first, ...more] = actions;
  return JSON.stringify({ Effect: 'Allow', Action: more.length === 0 ? first : actions, Resource: resource });
}

/**
 * What lets an identity do something: the command, where it is a user or a role that somebody may change, else in words.
 * @param arn as AWS names it; undefined where it does not.
 * @param policy the name of an inline policy of its own, which is written over.
 * @param statement as JSON.
 */
export function allowRemedy(arn: string | undefined, policy: string, statement: string): string {
  const words = `Add to an IAM policy of ${arn ?? 'this identity'}`;
  const [kind, name] = holderOf(arn ?? '');
  if (kind === undefined || name === undefined) return `${words}: ${statement}`;
  const document = `{"Version":"2012-10-17","Statement":[${statement}]}`;
  const to = `put-${kind}-policy --${kind}-name ${shellWord(name)} --policy-name ${shellWord(policy)}`;
  return `Allow it: aws iam ${to} --policy-document ${shellWord(document)}`;
}

/** IAM Identity Center keeps its roles as its own permission sets say. */
function holderOf(arn: string): ['user' | 'role', string] | [] {
  const user = /^arn:[\w-]+:iam::\d{12}:user\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1];
  if (user !== undefined) return ['user', user];
  const role =
    /^arn:[\w-]+:sts::\d{12}:assumed-role\/([^/]+)\//.exec(arn)?.[1] ??
    /^arn:[\w-]+:iam::\d{12}:role\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1];
  return role === undefined || role.startsWith('AWSReservedSSO_') ? [] : ['role', role];
}
