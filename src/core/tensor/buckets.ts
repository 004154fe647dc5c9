/**
 * Token capacities of a Plan, for backends that prepare a pass for a fixed number of tokens, such as a captured graph. A pass
 * takes the smallest capacity that holds its tokens: its bucket. All buckets share weights, K/V pool and arena.
 */
import { DiffusionError } from "../error.ts";

const stride = 32;

/** Whether two capacities may follow each other: the larger one exceeds the other by a stride, or by half, at most. */
function canFollow(from: number, to: number): boolean {
  return to <= Math.max(from + stride, 1.5 * from);
}

/**
 * The capacities for passes of up to `maxTokens` tokens, ascending: multiples of 32 up to 128, then powers of two and the
 * middles between them, and `maxTokens` last. A bucket exceeds the `n` tokens of its pass by fewer than 32, or fewer than n / 2.
 */
export function tokenBuckets(maxTokens: number): readonly number[] {
  const capacities: number[] = [];
  for (let tokens = stride; tokens < maxTokens; tokens = nextCapacity(tokens)) capacities.push(tokens);
  // `maxTokens` can replace the last of them if the growth stays within the bound.
  if (capacities.length > 1 && canFollow(capacities.at(-2)!, maxTokens)) capacities.pop();
  return [...capacities, maxTokens];
}

function nextCapacity(tokens: number): number {
  if (tokens < 4 * stride) return tokens + stride;
  const isPowerOfTwo = Number.isInteger(Math.log2(tokens));
  return isPowerOfTwo ? (tokens / 2) * 3 : (tokens / 3) * 4;
}

/**
 * The bucket of a pass: the smallest capacity that holds its tokens.
 * @param buckets ascending, as `ModelPlans` has them
 * @throws DiffusionError `invalid-request` if none holds them
 */
export function bucketOf(buckets: readonly number[], tokens: number): number {
  const bucket = buckets.find((capacity) => capacity >= tokens);
  if (bucket !== undefined) return bucket;
  const message = `Cannot prepare the pass as it must have at most ${buckets.at(-1)} tokens: found ${tokens}`;
  throw new DiffusionError("invalid-request", message);
}
