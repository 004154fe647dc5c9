/** Fails unless two plain values are the same. As text: far faster than a matcher, which counts in these loops. */
export function same(found: unknown, wanted: unknown, what: string): void {
  const [left, right] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (left !== right) throw new Error(`${what}: expected ${right}, found ${left}`);
}
