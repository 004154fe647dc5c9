/**
 * The layers of a model one by one: each is computed from given rows, so that what a backend rounds in one layer is measured without
 * what it has rounded before.
 */

import { readModelFiles } from "../../src/core/engine/modelFiles.ts";
import type { BackendFactory, ModelSource } from "../../src/core/index.ts";
import { type Architecture, buildPlans, computedWeight, ropeTable } from "../../src/core/model/index.ts";
import type { CacheDType, WeightEntry } from "../../src/core/tensor/index.ts";
import { toF32 } from "../../src/core/weights/convert.ts";
import { readExactly } from "../../src/core/weights/index.ts";
import { wholeSpan } from "../suites/conformance/wholeSpan.ts";

export interface LayeredModel {
  readonly architecture: Architecture;
  readonly entries: readonly WeightEntry[];
}

export async function layersOf(source: ModelSource): Promise<LayeredModel> {
  const { model, weights } = await readModelFiles(source);
  return { architecture: model.architecture, entries: weights };
}

/** The input of the first layer: the tokens' rows of the embedding, [tokens, hidden]. */
export async function embeddingRows(
  { architecture, entries }: LayeredModel,
  tokens: readonly number[],
): Promise<Float32Array<ArrayBuffer>> {
  const { hidden } = architecture;
  const [piece] = entries.find(({ symbol }) => symbol === "embedding")!.pieces;
  const { source, offset, bytes, dtype } = piece!;
  const table = new Float32Array(architecture.vocabulary * hidden);
  toF32(await readExactly(source, offset, bytes), dtype, table);
  const rows = new Float32Array(tokens.length * hidden);
  for (const [row, token] of tokens.entries())
    rows.set(table.subarray(token * hidden, (token + 1) * hidden), row * hidden);
  return rows;
}

export interface LayerOptions {
  readonly backend: BackendFactory;
  readonly cacheDType: CacheDType;
}

/**
 * What a layer makes of rows, all of which see each other.
 * @param rows [tokens, hidden], the layer's input
 * @returns the same shape: the residual stream behind the layer
 */
export async function runLayer(
  { architecture, entries }: LayeredModel,
  layer: number,
  rows: Float32Array<ArrayBuffer>,
  { backend: factory, cacheDType }: LayerOptions,
): Promise<Float32Array<ArrayBuffer>> {
  const { hidden } = architecture;
  const count = rows.length / hidden;
  const own = `layers.${layer}.`;
  const weights = [
    // The embedding of token t is row t.
    computedWeight("embedding", [count, hidden], rows),
    computedWeight("finalNorm", [hidden], new Float32Array(hidden).fill(1)),
    ropeTable(architecture.context, architecture),
    ...entries
      .filter(({ symbol }) => symbol.startsWith(own))
      .map((entry) => ({ ...entry, symbol: `layers.0.${entry.symbol.slice(own.length)}` })),
  ];
  const single = {
    ...architecture,
    vocabulary: count,
    tied: true,
    feedForward: [architecture.feedForward[layer]!],
  };
  const capacity = { tokens: count, rows: 1, positions: count };
  const plans = buildPlans(single, weights, capacity, cacheDType);
  const backend = await factory();
  try {
    await backend.load(weights, plans);
    await backend.prepare(plans);
    await backend.openSlot({ slot: 0, base: 0, length: count });
    const positions = Array.from({ length: count }, (_, index) => index);
    await backend.commit([{ slot: 0, positions, tokens: positions }]);
    await backend.submit({ spans: [wholeSpan(0, count)], head: [] });
    return Float32Array.from(await backend.read("final"));
  } finally {
    await backend.dispose();
  }
}
