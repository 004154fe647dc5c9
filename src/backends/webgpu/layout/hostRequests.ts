/** What the host tells the device of wanted rows beyond the descriptor, where it decides itself. */
import { DiffusionError } from "../../../core/error.ts";
import type { HeadRequest } from "../../../core/tensor/index.ts";

/** (wanted row, token) of all logits to be gathered, their number before them. */
export function pairsOf(head: readonly HeadRequest[], count: number, most: number): Uint32Array<ArrayBuffer> {
  if (count > most) {
    throw new DiffusionError(
      "out-of-memory",
      `Cannot gather so many logits in a pass: at most ${most}, found ${count}`,
    );
  }
  const words = new Uint32Array(1 + 2 * count);
  words[0] = count;
  let row = 0;
  let at = 1;
  for (const { positions, gather } of head) {
    gather?.forEach((tokens, index) => {
      for (const token of tokens) {
        words[at++] = row + index;
        words[at++] = token;
      }
    });
    row += positions.length;
  }
  return words;
}
