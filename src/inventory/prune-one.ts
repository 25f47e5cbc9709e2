import type { ApiReply } from '../core/api/reply.ts';
import type { Place } from '../core/secret/outcome.ts';
import {
  accountsFailure,
  danglingFailure,
  holdsNamespace,
  isOvertaken,
  judgePrunable,
  pruneFailure,
  type PruneOutcome,
} from '../core/inventory/prune.ts';
import type { Failure, Result } from '../core/failures/errors.ts';
import { removalPatch, type NamingAccount } from '../core/inventory/service-account.ts';
import type { PruneCluster } from '../ports.ts';
import { pages, type ReadPage } from '../serving/pages.ts';

/** Makes a request until it is answered for good, however its caller paces that. */
export type Ask = (request: (cluster: PruneCluster, signal: AbortSignal) => Promise<ApiReply>) => Promise<ApiReply>;

export type PruneHands = {
  ask: Ask;
  /** The ServiceAccounts of a namespace that name the secret. */
  readonly accounts: (place: Place) => ReadPage<NamingAccount>;
};

export type PruneWish = {
  labelSelector: string;
  /** Labelled namespaces, too. */
  all: boolean;
  dryRun: boolean;
};

/** Times that an entry of a ServiceAccount is looked for anew because the account changed. */
const maxLooks = 3;

/**
 * Removes the pull secret of one namespace, and its entries in the namespace's ServiceAccounts. First it is made sure
 * that all of it can be done; the secret goes before the entries, since an entry without a secret does no harm, and a
 * secret without its entry is a login lost.
 */
export async function pruneOne(place: Place, wish: PruneWish, hands: PruneHands): Promise<PruneOutcome> {
  const { ask } = hands;
  const { namespace, secretName } = place;
  const read = await ask((cluster, signal) => cluster.readSecret(namespace, secretName, signal));
  const [step, detail] = judgePrunable(read);
  if (step === 'retry') return ['failed', pruneFailure(read, place)];
  if (step === 'keep') return detail === 'SecretGone' ? ['gone'] : ['kept', detail];

  const labelled = wish.all ? undefined : await labelOf(place, wish.labelSelector, ask);
  if (labelled !== undefined) return labelled;
  const accounts = await accountsNaming(place, hands);
  if (!accounts.ok) return ['failed', accounts.failure];
  const refused = await rehearsed(place, accounts.value, ask);
  if (refused !== undefined) return ['failed', refused];
  return remove(place, detail, accounts.value, wish.dryRun, hands);
}

/** What the server would refuse of the changes to the accounts. */
async function rehearsed(place: Place, accounts: readonly NamingAccount[], ask: Ask): Promise<Failure | undefined> {
  for (const account of accounts) {
    const reply = await patched(place, account, true, ask);
    if (!isDone(reply) && !isOvertaken(reply)) return accountsFailure(reply, place);
  }
  return undefined;
}

async function remove(
  place: Place,
  still: { uid: string; resourceVersion: string },
  accounts: readonly NamingAccount[],
  dryRun: boolean,
  hands: PruneHands,
): Promise<PruneOutcome> {
  const removed = await hands.ask((cluster, signal) => cluster.removeSecret(place, still, dryRun, signal));
  if (removed.kind === 'answer' && removed.status === 404) return ['gone'];
  if (!isDone(removed)) return ['failed', pruneFailure(removed, place)];
  for (const { name } of dryRun ? [] : accounts) {
    const dangling = await takeOut(place, name, accounts, hands);
    if (dangling !== undefined) return ['failed', dangling];
  }
  return ['removed', accounts.map(({ name }) => name)];
}

/** The list that was read first may be old by now: it is looked at once more before anything is removed. */
async function labelOf(place: Place, labelSelector: string, ask: Ask): Promise<PruneOutcome | undefined> {
  const { namespace } = place;
  const query = { labelSelector, name: namespace, limit: 1 };
  const reply = await ask((cluster, signal) => cluster.listNamespaces(query, signal));
  const carries = holdsNamespace(reply, namespace);
  if (carries === undefined) return ['failed', pruneFailure(reply, place)];
  return carries ? ['kept', 'NamespaceLabelled'] : undefined;
}

async function accountsNaming(place: Place, { accounts }: PruneHands): Promise<Result<NamingAccount[]>> {
  const found: NamingAccount[] = [];
  let failure: Failure | undefined;
  for await (const page of pages(accounts(place), (why) => (failure = why))) found.push(...page.items);
  return failure === undefined ? { ok: true, value: found } : { ok: false, failure };
}

async function takeOut(
  place: Place,
  name: string,
  known: readonly NamingAccount[],
  hands: PruneHands,
): Promise<Failure | undefined> {
  let accounts = known;
  for (let looks = 1; ; looks += 1) {
    const account = accounts.find((each) => each.name === name);
    if (account === undefined) return undefined;
    const reply = await patched(place, account, false, hands.ask);
    if (isDone(reply) || (reply.kind === 'answer' && reply.status === 404)) return undefined;
    if (!isOvertaken(reply) || looks === maxLooks) return danglingFailure(reply, place, name);
    const again = await accountsNaming(place, hands);
    if (!again.ok) return danglingFailure(reply, place, name);
    accounts = again.value;
  }
}

function patched(place: Place, account: NamingAccount, dryRun: boolean, ask: Ask): Promise<ApiReply> {
  const { namespace, secretName } = place;
  const body = removalPatch(account, secretName);
  return ask((cluster, signal) => cluster.patchServiceAccount({ namespace, name: account.name }, body, dryRun, signal));
}

function isDone(reply: ApiReply): boolean {
  return reply.kind === 'answer' && reply.status < 300;
}
