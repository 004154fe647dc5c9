import type { NodeOf } from "../../../core/tensor/index.ts";
import { float, params, whole } from "../kernel.ts";
import { columnsInclude, reduceInclude, rowLanes, weightIncludes } from "../variants.ts";
import type { OpContext, OpKernels } from "./context.ts";
import { expertForm, expertTiles, groupsLayout } from "./groups.ts";
import { tensorCoreRows } from "./tensorCores/experts.ts";

/** Norm, router and choice of experts; then the routed rows sorted by expert. */
export function route(node: NodeOf<"route">, context: OpContext): OpKernels {
  const { experts, topK, score, groups, topGroups, normalize, scale, shared, epsilon } = node.attributes;
  const { inputs, outputs, name } = node;
  const router = context.matrix(inputs.router);
  const norm = context.vector(inputs.norm);
  const topkIds = context.tensor(outputs.topkIds);
  const normed = context.tensor(outputs.normed);
  const hidden = context.columns(inputs.x);
  const { capacity } = context.plan;
  return [
    {
      name,
      forms: [
        {
          kernel: "route",
          variant: {
            ...weightIncludes(router.dtype, context.capabilities),
            reduce: reduceInclude(context.capabilities),
            columns: columnsInclude(hidden),
          },
          constants: {
            lanes: rowLanes(experts, context.capabilities),
            experts,
            has_bias: Number(inputs.bias !== undefined),
            normalize: Number(normalize),
            sigmoid: Number(score === "sigmoid"),
            groups,
            top_groups: topGroups,
            has_shared: shared,
            ...(normed.form && { y_bf16: 1 }),
          },
        },
      ],
      params: params(hidden, router.stride, topK, float(epsilon), float(scale)),
      bindings: [
        norm,
        context.vector(inputs.router),
        inputs.bias === undefined ? context.dummyBinding : context.vector(inputs.bias),
        context.tensor(inputs.x),
        normed,
        topkIds,
        context.tensor(outputs.topkWeights),
      ],
      workgroups: ({ tokens }) => [tokens],
    },
    {
      name,
      forms: expertTiles(
        capacity.tokens * (topK + shared),
        experts + shared,
        context.capabilities,
        false,
      ).map((tile) => ({
        kernel: "group",
        constants: {
          experts: experts + shared,
          tile_rows: tensorCoreRows(context, outputs.topkIds!) ?? tile.m,
        },
      })),
      selectForm: ({ tokens }) =>
        expertForm(tokens * (topK + shared), experts + shared, context.capabilities),
      params: params(topK + shared, groupsLayout(capacity.tokens, topK + shared, experts + shared).rowsAt),
      bindings: [topkIds, whole(context.state.groups, "write")],
      workgroups: ({ tokens }) => [Math.min(1, tokens)],
    },
  ];
}
