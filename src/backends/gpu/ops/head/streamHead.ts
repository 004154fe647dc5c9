/** The head on tensor cores: statistics of each wanted row over each panel of the vocabulary. */
import type { NodeOf } from "../../../../core/tensor/index.ts";
import { type KernelSpec, params, whole } from "../../kernel.ts";
import type { OpContext, OpKernels } from "../context.ts";
import { panelsOf, stagesOf } from "../tensorCores/shapes.ts";
import { type Chunk, chunkRows } from "./layout.ts";

/** Eights of rows of a block, by form. */
const forms = [4, 16] as const;
const formOf = (rows: number) => (rows <= 8 * forms[0] ? 0 : 1);

/** @returns the kernels, and the parts of a row that they write; undefined if the head's weight is not arranged for tensor cores */
export function streamHead(
  node: NodeOf<"headStatistics">,
  context: OpContext,
  chunk: Chunk,
): { readonly kernels: OpKernels; readonly parts: number } | undefined {
  const { shards } = context.matrix(node.inputs.weight);
  const { state, tensorCores } = context;
  if (!tensorCores || !shards[0]!.form) return undefined;
  const width = context.columns(node.inputs.hidden);
  const hidden = whole(tensorCores.hidden, "write");
  const [first, limit] = [chunk.first, chunk.limit];
  const panels = shards.map((shard) => panelsOf(shard.last - shard.first, false));
  const parts = panels.reduce((sum, count) => sum + count, 0);
  const round: KernelSpec = {
    name: node.name,
    forms: [{ kernel: "roundRows" }],
    params: params(width, first, limit),
    bindings: [context.tensor(node.inputs.hidden), hidden],
    workgroups: ({ rows }) => [chunkRows(chunk, rows)],
  };
  let firstPanel = 0;
  const products = shards.map((shard, index): KernelSpec => {
    const own = firstPanel;
    firstPanel += panels[index]!;
    return {
      name: node.name,
      forms: forms.map((groups) => ({ kernel: "streamHead", constants: { groups } })),
      selectForm: ({ rows }) => formOf(chunkRows(chunk, rows)),
      params: params(width, stagesOf(width), shard.first, shard.last, own, parts, first, limit),
      bindings: [
        shard,
        whole(state.rows, "read"),
        whole(state.forbidden, "read"),
        hidden,
        whole(state.partials, "write"),
      ],
      workgroups: (counts) => {
        const rows = chunkRows(chunk, counts.rows);
        return [Math.ceil(rows / (8 * forms[formOf(rows)]!)), panels[index]!];
      },
    };
  });
  return { kernels: [round, ...products], parts };
}
