/** @throws when a part ends by itself: the others would go on as if the promise were kept, which is worse than a crash. */
export async function untilTold(stop: AbortSignal, part: string, running: Promise<void>): Promise<void> {
  await running;
  if (!stop.aborted) throw new Error(`${part} ended without being told to`);
}
