/**
 * A backend without a model. The statistics of a position are computed from a seed, the position and the pass, so thousands
 * of generations run in seconds. Stops, ties and near-certain rows are frequent. It does not read weights.
 */
import {
  type Backend,
  emptyPassStatistics,
  f32OrQuantized,
  type HeadRequest,
  type PassStatistics,
} from "../../src/core/tensor/index.ts";
import { hash } from "./rows.ts";

export interface ScriptedOptions {
  readonly vocabulary: number;
  /** Tokens that are frequent in the statistics. */
  readonly frequent: readonly number[];
  /** Limit of passes since `restart`, beyond which calls fail: a generation that ends needs fewer. */
  readonly maxPasses: number;
}

export interface ScriptedBackend extends Backend {
  /** Passes since the last `restart`. */
  readonly passes: number;
  /** Sets the seed of the statistics, and resets the count of passes. */
  restart(seed: number): void;
}

export function scriptedBackend({ vocabulary, frequent, maxPasses }: ScriptedOptions): ScriptedBackend {
  let seed = 0;
  let passes = 0;

  const tokenAt = (position: number, pass: number, maskToken: number, forbidden: readonly number[]) => {
    const drawn = hash(seed, position, pass, 1);
    const often = frequent[drawn % (4 * frequent.length)];
    let token = often ?? drawn % vocabulary;
    while (token === maskToken || forbidden.includes(token)) token = (token + 1) % vocabulary;
    return token;
  };

  const answer = (head: readonly HeadRequest[]): PassStatistics => {
    const rows = emptyPassStatistics(head);
    for (const [index, { positions, maskToken, forbidden }] of head.entries()) {
      for (const [at, position] of positions.entries()) {
        const row = rows.rowStarts[index]! + at;
        // A third of the rows is the same in every pass.
        const pass = hash(seed, position, 0, 2) % 3 === 0 ? 0 : passes;
        const token = tokenAt(position, pass, maskToken, forbidden?.[at] ?? []);
        const confidence = [1, 0.97, 0.5, 0.1][hash(seed, position, pass, 3) % 4]!;
        rows.token[row] = rows.best[row] = token;
        rows.confidence[row] = rows.bestProbability[row] = confidence;
        rows.secondProbability[row] = (1 - confidence) / 2;
        rows.entropy[row] = 1 - confidence;
        rows.bestLogit[row] = 3;
        rows.logSumExp[row] = -Math.log(confidence);
        rows.valid[row] = 1;
      }
    }
    rows.gathered?.logits.fill(1);
    rows.divergence?.fill(0.001);
    return rows;
  };

  return {
    name: "scripted",
    device: "nothing",
    limits: { maxBindingBytes: 2 ** 40, residentDTypes: f32OrQuantized, maxSpans: 64 },
    lost: new Promise(() => {}),
    get passes() {
      return passes;
    },
    restart(next) {
      seed = next;
      passes = 0;
    },
    load: async () => {},
    prepare: async () => {},
    openSlot: async () => {},
    closeSlot: async () => {},
    copyCache: async () => {},
    submit: async ({ head }) => {
      passes++;
      if (passes > maxPasses) throw new Error(`A generation makes more than ${maxPasses} passes`);
      return answer(head);
    },
    commit: async () => {},
    read: async () => new Float32Array(),
    dispose: async () => {},
  };
}
