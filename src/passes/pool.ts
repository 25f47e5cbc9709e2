/** Lets the work itself say how much of it the server bears. */
export type Pace = {
  /** One more at a time, up to the bound. */
  faster(): void;
  /** Half as many at a time. */
  slower(): void;
};

/**
 * Works through `items` with a bounded number at a time. It begins with one and adds one whenever the work says that it
 * went well, so that a few items share one connection and many soon fill the bound; an overloaded server halves it.
 * Items are taken only when there is room for them. Resolves when all taken items are done; `work` must not throw.
 */
export async function forEachPaced<Item>(
  items: AsyncIterator<Item, void>,
  most: number,
  work: (item: Item, pace: Pace) => Promise<void>,
): Promise<void> {
  let allowed = 1;
  let workers = 0;
  let exhausted = false;
  const { promise: finished, resolve: finish, reject } = Promise.withResolvers<void>();

  const pace: Pace = {
    faster() {
      allowed = Math.min(most, allowed + 1);
      if (workers < allowed && !exhausted) hire();
    },
    slower() {
      allowed = Math.max(1, Math.floor(allowed / 2));
    },
  };

  async function worker(): Promise<void> {
    while (!exhausted && workers <= allowed) {
      const next = await items.next();
      if (next.done === true) {
        exhausted = true;
        break;
      }
      await work(next.value, pace);
    }
  }

  function hire(): void {
    workers += 1;
    void worker().then(leave, reject);
  }

  function leave(): void {
    workers -= 1;
    if (workers === 0) finish();
  }

  hire();
  await finished;
}
