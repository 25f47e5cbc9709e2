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
  const state = { allowed: 1, workers: 0, exhausted: false };
  const { promise: finished, resolve: finish, reject } = Promise.withResolvers<void>();

  const pace: Pace = {
    faster() {
      state.allowed = Math.min(most, state.allowed + 1);
      if (state.workers < state.allowed && !state.exhausted) hire();
    },
    slower() {
      state.allowed = Math.max(1, Math.floor(state.allowed / 2));
    },
  };

  async function worker(): Promise<void> {
    while (!state.exhausted && state.workers <= state.allowed) {
      const next = await items.next();
      if (next.done === true) {
        state.exhausted = true;
        break;
      }
      await work(next.value, pace);
    }
    // In the same turn as the check: workers that are woken together would all find themselves too many, and leave.
    state.workers -= 1;
    if (state.workers === 0) finish();
  }

  function hire(): void {
    state.workers += 1;
    worker().catch(reject);
  }

  hire();
  await finished;
}
