/** Random choices that a seed determines. */
import { RandomStream, uniform } from "../../core/decode/philox.ts";

export interface Random {
  /** A number uniform in (0, 1). */
  next(): number;
  /** An element of a non-empty list, each with the same probability. */
  pick<T>(list: readonly T[]): T;
  /** A number of the standard normal distribution. */
  normal(): number;
}

export function seededRandom(seed: number): Random {
  let count = 0;
  const next = () => uniform(seed, RandomStream.order, count++, 0, 0);
  return {
    next,
    pick: (list) => list[Math.floor(next() * list.length)]!,
    // Box and Muller, 1958.
    normal: () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next()),
  };
}
