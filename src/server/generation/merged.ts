/**
 * What several generators yield, as it comes. All start at once, and each is asked for one value more than has been taken
 * of it. When one fails, or nobody wants more, all are ended.
 */
export async function* merged<T>(
  generators: readonly AsyncGenerator<T, void, undefined>[],
): AsyncGenerator<T, void, undefined> {
  const ask = (index: number) => generators[index]!.next().then((result) => ({ index, result }));
  const pending = new Map(generators.map((_, index) => [index, ask(index)]));
  try {
    while (pending.size > 0) {
      const { index, result } = await Promise.race(pending.values());
      // Whoever had its turn goes behind the others.
      pending.delete(index);
      if (!result.done) {
        pending.set(index, ask(index));
        yield result.value;
      }
    }
  } finally {
    // Those that are still asked answer to nobody.
    for (const promise of pending.values()) promise.catch(() => {});
    for (const generator of generators) generator.return().catch(() => {});
  }
}
