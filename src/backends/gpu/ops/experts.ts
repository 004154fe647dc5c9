/** The two products of experts. They differ in their input rows, and in whether gate and up are combined. */
import type { NodeOf } from "../../../core/tensor/index.ts";
import { type KernelSpec, params, whole } from "../kernel.ts";
import { largeTile } from "../products.ts";
import { computesInInt8, productIncludes } from "../variants.ts";
import type { OpContext, OpKernels } from "./context.ts";
import { expertForm, expertTiles, groupsLayout, maxTiles } from "./groups.ts";
import { tileConstants, writableDummy } from "./matrix.ts";
import type { ExpertProduct } from "./productTypes.ts";
import { quantizeRows } from "./quantizeRows.ts";
import { streamExperts } from "./tensorCores/experts.ts";

function expertProduct(context: OpContext, product: ExpertProduct): readonly KernelSpec[] {
  if (product.weight.shards[0]!.form) return streamExperts(context, product);
  const { name, weight, x, y, inFeatures, width, up } = product;
  const { experts, topK } = product.attributes;
  const { capabilities } = context;
  const { rowsAt } = groupsLayout(context.plan.capacity.tokens, topK, experts);
  const int8 = computesInInt8(weight.dtype, capabilities);
  const tiles = expertTiles(context.plan.capacity.tokens * topK, experts, capabilities, int8);
  const formOf = (tokens: number) => expertForm(tokens * topK, experts, capabilities);
  const quantized = int8
    ? quantizeRows(context, { name, x, columns: inFeatures, times: up ? 1 : topK })
    : undefined;
  const products = weight.shards.map(
    (shard): KernelSpec => ({
      name,
      forms: tiles.map((tile) => ({
        kernel: "experts",
        variant: productIncludes(weight.dtype, inFeatures, capabilities, { tile, int8 }),
        constants: Object.assign(tileConstants(tile), { gated: Number(up), by_token: Number(up) }),
      })),
      selectForm: ({ tokens }) => formOf(tokens),
      params: params(inFeatures, weight.stride, width, topK, shard.first, shard.last, rowsAt),
      bindings: [shard, whole(context.state.groups, "read"), quantized?.rows ?? x, y],
      workgroups: ({ tokens }) => {
        const tile = tiles[formOf(tokens)]!;
        // The large tile has its up rows beside its gate rows.
        const columns = up && tile === largeTile ? tile.n / 2 : tile.n;
        return [Math.ceil(width / columns), maxTiles(tokens * topK, experts, tile)];
      },
    }),
  );
  return quantized ? [quantized.spec, ...products] : products;
}

export function expertsUp(node: NodeOf<"expertsUp">, context: OpContext): OpKernels {
  const normed = context.tensor(node.inputs.normed);
  return expertProduct(context, {
    name: node.name,
    attributes: node.attributes,
    topkIds: node.inputs.topkIds!,
    weight: context.matrix(node.inputs.gateUp),
    x: normed,
    y: context.tensor(node.outputs.activation),
    inFeatures: context.columns(node.inputs.normed),
    width: node.attributes.intermediate,
    up: true,
  });
}

export function expertsDown(node: NodeOf<"expertsDown">, context: OpContext): OpKernels {
  const { inputs, outputs, attributes, name } = node;
  const parts = context.tensor(outputs.parts);
  const hidden = context.columns(outputs.y);
  const topkWeights = context.tensor(inputs.topkWeights);
  const y = context.tensor(outputs.y);
  const residual = inputs.residual === undefined ? undefined : context.tensor(inputs.residual);
  return [
    ...expertProduct(context, {
      name,
      attributes,
      topkIds: inputs.topkIds!,
      weight: context.matrix(inputs.down),
      x: context.tensor(inputs.activation),
      y: parts,
      inFeatures: attributes.intermediate,
      width: hidden,
      up: false,
    }),
    {
      name,
      forms: [{ kernel: "combine", constants: { has_residual: Number(residual !== undefined) } }],
      params: params(hidden, attributes.topK),
      bindings: [parts, topkWeights, residual ?? writableDummy(context, [parts, topkWeights, y]), y],
      workgroups: ({ tokens }) => [tokens, Math.ceil(hidden / 64)],
    },
  ];
}
