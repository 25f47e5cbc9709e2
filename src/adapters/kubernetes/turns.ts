/** Lets a few go on at a time; the others wait in the order in which they came. */
export type Turns = {
  /**
   * Calls `go` when it is somebody's turn, at once where it can be.
   * @returns to be called when they are done, or do not want to go on any more; harmless to call twice.
   */
  readonly wait: (go: () => void) => () => void;
};

export function createTurns(most: number): Turns {
  let going = 0;
  const waiting = new Set<() => void>();
  return {
    wait(go) {
      let isOver = false;
      const begin = () => {
        going += 1;
        go();
      };
      if (going < most) begin();
      else waiting.add(begin);
      return () => {
        if (isOver) return;
        isOver = true;
        if (waiting.delete(begin)) return;
        going -= 1;
        const [next] = waiting;
        if (next === undefined) return;
        waiting.delete(next);
        next();
      };
    },
  };
}
