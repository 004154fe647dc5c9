/**
 * Yields the values of several generators in the order in which they arrive. All generators start at once, and each runs
 * one value ahead of the consumer. When one fails, or the consumer stops, all are ended.
 */
export async function* merged<T>(
  generators: readonly AsyncGenerator<T, void, undefined>[],
): AsyncGenerator<T, void, undefined> {
  const next = (index: number) => generators[index]!.next().then((result) => ({ index, result }));
  const pending = new Map(generators.map((_, index) => [index, next(index)]));
  try {
    while (pending.size > 0) {
      const { index, result } = await Promise.race(pending.values());
      // The next value of this generator goes to the end of the map, as `Promise.race` prefers the first.
      pending.delete(index);
      if (!result.done) {
        pending.set(index, next(index));
        yield result.value;
      }
    }
  } finally {
    // The results of pending calls are dropped, including their errors.
    for (const promise of pending.values()) promise.catch(() => {});
    for (const generator of generators) generator.return().catch(() => {});
  }
}
