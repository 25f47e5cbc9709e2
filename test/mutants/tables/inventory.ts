import type { Mutated } from '../mutant.ts';

export const coreInventory: readonly Mutated[] = [
  {
    file: 'core/inventory/prune.ts',
    seenBy: ['core/inventory/prune'],
    decisions: [
      {
        breaks: 'A labelled namespace keeps its secret unless all are to go',
        stands: 'return labelled ? all : secret.managedByUs;',
        becomes: 'return labelled || secret.managedByUs;',
      },
      {
        breaks: 'A secret of others is not looked at where the namespace does not ask for one',
        stands: 'return labelled ? all : secret.managedByUs;',
        becomes: 'return labelled ? all : true;',
      },
      {
        breaks: 'A secret that others put data into is not ours to remove',
        stands: 'managers.length > 0 && managers.every((manager) => own.includes(manager))',
        becomes: 'managers.length > 0 && managers.some((manager) => own.includes(manager))',
      },
      {
        breaks: 'A prune that left something does not end with 0',
        stands: 'return failed > 0 ? 5 : 0;',
        becomes: 'return 0;',
      },
    ],
  },
  {
    file: 'core/inventory/pruning.ts',
    seenBy: ['core/inventory/prune'],
    decisions: [
      {
        breaks: 'The label is looked for once more before anything is removed',
        stands: "doing: job.wish.all ? 'list' : 'label'",
        becomes: "doing: 'list'",
      },
      {
        breaks: 'A namespace that has its label again keeps its secret',
        stands: "carries ? ended(job, ['kept', 'NamespaceLabelled']) :",
        becomes: "carries === null ? ended(job, ['kept', 'NamespaceLabelled']) :",
      },
      {
        breaks: 'What the server would refuse of the accounts is found before the secret is gone',
        stands: 'if (!isDone(reply) && !isOvertaken(reply)) return failed(job, accountsFailure(reply, job.place));',
        becomes: '',
      },
      {
        breaks: 'A dry run removes nothing',
        stands: "return ['ask', { kind: 'remove', place, still, dryRun: wish.dryRun }, job];",
        becomes: "return ['ask', { kind: 'remove', place, still, dryRun: false }, job];",
      },
      {
        breaks: 'An account that changed is looked at again',
        stands: 'if (!isOvertaken(reply) || looks === maxLooks) return dangling(job, reply);',
        becomes: 'if (!isDone(reply)) return dangling(job, reply);',
      },
      {
        breaks: 'An account that keeps changing is given up',
        stands: '|| looks === maxLooks)',
        becomes: '|| looks === 1000)',
      },
      {
        breaks: 'Every page of accounts is read',
        stands: 'if (continueToken === undefined) return then(found);',
        becomes: 'if (continueToken !== null) return then(found);',
      },
    ],
  },
  {
    file: 'core/inventory/service-account.ts',
    seenBy: ['core/inventory/prune'],
    decisions: [
      {
        breaks: 'An entry of an account is taken out only where it still stands',
        stands: 'JSON.stringify([...tests, ...removals])',
        becomes: 'JSON.stringify(removals)',
      },
      {
        breaks: 'Entries are taken out from the last on, so that none moves before its turn',
        stands: 'at.toReversed().map(',
        becomes: 'at.map(',
      },
    ],
  },
  {
    file: 'core/inventory/status.ts',
    seenBy: ['core/inventory/status'],
    decisions: [
      {
        breaks: 'A secret whose token has expired is told to have',
        stands: "if (secret.expiresAtMs <= nowMs) return 'PullSecretExpired';",
        becomes: '',
      },
      {
        breaks: 'A secret that should have been renewed is told to be expiring',
        stands: 'secret.expiresAtMs - nowMs < expiringMs ?',
        becomes: 'secret.expiresAtMs - nowMs < 0 ?',
      },
      {
        breaks: 'A secret that others wrote over is told to be',
        stands: "if (!isWrittenByUs(secret)) return 'SecretHasOtherWriters';",
        becomes: '',
      },
      {
        breaks: 'A secret of others that merely has the name is not told of',
        stands: 'if (!labelled && secret?.managedByUs !== true) return undefined;',
        becomes: '',
      },
      {
        breaks: 'Status ends with 5 where anything is to be done',
        stands: 'statusTable[code].amiss && counts[code] > 0) ? 5 : 0',
        becomes: 'statusTable[code].amiss && counts[code] > 1e9) ? 5 : 0',
      },
    ],
  },
  {
    file: 'core/inventory/inventory.ts',
    seenBy: ['core/inventory/inventory'],
    decisions: [
      {
        breaks: 'Namespaces and their secrets are brought together though they are listed in two orders',
        stands: 'return `${namespace}/` < `${other}/`;',
        becomes: 'return namespace < other;',
      },
    ],
  },
];

export const inventory: readonly Mutated[] = [
  {
    file: 'inventory/inventory.ts',
    seenBy: ['inventory/inventory'],
    decisions: [
      {
        breaks: 'Lists that are not in order are no ground to call secrets missing',
        stands: "if (last !== '' && !comesBefore(last, entry.namespace)) {",
        becomes: "if (last === '-') {",
      },
      {
        breaks: 'A list that broke off is told',
        stands: 'failure: () => ended.failure }',
        becomes: 'failure: () => undefined }',
      },
    ],
  },
  {
    file: 'inventory/prune.ts',
    seenBy: ['inventory/inventory'],
    decisions: [
      {
        breaks: 'A prune whose list broke off is no success',
        stands: 'if (ended === undefined || removed + kept + gone + failed === 0) return ended;',
        becomes: 'if (removed + kept + gone + failed > 0) return undefined;',
      },
      {
        breaks: 'What failed when a prune was stopped is told',
        stands: 'if (outcome !== undefined) settle(namespace, outcome);',
        becomes: '',
      },
      {
        breaks: 'Nothing is piled up for who reads slowly',
        stands: '    await told();\n',
        becomes: '',
      },
    ],
  },
];
