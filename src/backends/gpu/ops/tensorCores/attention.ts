/** Attention on tensor cores, over keys and values in f16. */
import type { NodeOf, Plan } from "../../../../core/tensor/index.ts";
import type { Capabilities } from "../../capabilities.ts";
import { float, type KernelForm, params, whole } from "../../kernel.ts";
import type { OpContext, OpKernels } from "../context.ts";
import { maxSharedTiles, sharesOf } from "./shapes.ts";

type AttentionNode = NodeOf<"attention">;

/** Rows of a tile: its queries, for all heads of a group. */
const tileRows = 64;
/** Queries of a tile, if attention runs on tensor cores. */
export function tensorCoreQueries(
  plan: Plan,
  { attributes, inputs }: AttentionNode,
  { tensorCores }: Pick<Capabilities, "tensorCores">,
): number | undefined {
  const { heads, kvHeads, headDimension } = attributes;
  const group = heads / kvHeads;
  const isFit = headDimension % 8 === 0 && headDimension <= 128 && group <= tileRows;
  if (!tensorCores || !isFit || plan.tensors[inputs.keys!]!.dtype !== "f16") return undefined;
  return Math.floor(tileRows / group);
}

/** @returns undefined if attention does not run on tensor cores */
export function tensorAttention(node: AttentionNode, context: OpContext): OpKernels | undefined {
  const queries = tensorCoreQueries(context.plan, node, context.capabilities);
  const { tensorCores } = context;
  if (!queries || !tensorCores) return undefined;
  const { heads, kvHeads, headDimension, scale } = node.attributes;
  const shares = sharesOf(node.attributes);
  const output = context.tensor(node.outputs.attnOutput);
  const form = (serial: number): KernelForm => ({
    kernel: "tensorAttention",
    constants: { tile_q: queries, serial, y_bf16: Number(output.form !== undefined) },
  });
  const isSerial = (tiles: number) => tiles > maxSharedTiles;
  return [
    {
      name: node.name,
      forms: [form(0), form(1)],
      selectForm: ({ attentionTiles }) => Number(isSerial(attentionTiles)),
      params: params(heads, kvHeads, headDimension, float(scale), shares),
      bindings: [
        context.tensor(node.inputs.query),
        context.tensor(node.inputs.keys),
        context.tensor(node.inputs.values),
        output,
        whole(tensorCores.splitSums, "write"),
        whole(tensorCores.arrivals, "write"),
      ],
      workgroups: ({ attentionTiles }) => [
        attentionTiles,
        isSerial(attentionTiles) ? kvHeads : shares * kvHeads,
      ],
    },
  ];
}
