/**
 * A backend without a model: what it says of a position follows from a seed, the position and the pass, so thousands of
 * generations run in seconds. Stops, ties and near-certain rows are frequent. Weights are not read.
 */
import type { Backend, HeadRequest, RowStatistics } from "../../src/core/tensor/index.ts";
import { emptyRows, emptyTop } from "../../src/core/tensor/index.ts";
import { hash } from "./rows.ts";

export interface ScriptedOptions {
  readonly vocabulary: number;
  /** Tokens that are chosen often. */
  readonly frequent: readonly number[];
  /** A call that comes after so many passes since `restart` fails: nothing that ends makes as many. */
  readonly maxPasses: number;
}

export interface ScriptedBackend extends Backend {
  /** Passes since the last `restart`. */
  readonly passes: number;
  /** Draws other statistics from now on, and counts passes anew. */
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

  const rowsOf = (request: HeadRequest): RowStatistics => {
    const { positions, maskToken, forbidden, gather, divergence, top } = request;
    const rows = emptyRows(positions.length);
    positions.forEach((position, row) => {
      // A third of the rows says the same in every pass.
      const pass = hash(seed, position, 0, 2) % 3 === 0 ? 0 : passes;
      const token = tokenAt(position, pass, maskToken, forbidden?.[row] ?? []);
      const confidence = [1, 0.97, 0.5, 0.1][hash(seed, position, pass, 3) % 4]!;
      rows.token[row] = rows.best[row] = token;
      rows.confidence[row] = rows.bestProbability[row] = confidence;
      rows.secondProbability[row] = (1 - confidence) / 2;
      rows.entropy[row] = 1 - confidence;
      rows.bestLogit[row] = 3;
      rows.logSumExp[row] = -Math.log(confidence);
      rows.valid[row] = 1;
    });
    return {
      ...rows,
      gathered: gather?.map((tokens) => new Float32Array(tokens.length).fill(1)),
      divergence: divergence ? new Float32Array(positions.length).fill(0.001) : undefined,
      top: top === undefined ? undefined : emptyTop(positions.length, top),
    };
  };

  return {
    name: "scripted",
    device: "nothing",
    limits: { maxBindingBytes: 2 ** 40, keepsStoredTypes: false, maxSpans: 64 },
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
      return head.map(rowsOf);
    },
    commit: async () => {},
    read: async () => new Float32Array(),
    dispose: async () => {},
  };
}
