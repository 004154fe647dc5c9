/** The two products of experts on tensor cores. */
import type { TensorId } from "../../../../core/tensor/index.ts";
import { type KernelSpec, params, whole } from "../../kernel.ts";
import { narrowTile } from "../../products.ts";
import type { OpContext } from "../context.ts";
import { groupsLayout } from "../groups.ts";
import type { ExpertProduct } from "../productTypes.ts";
import { panelsOf, stagesOf } from "./shapes.ts";

/** Rows of a tile of one expert: an expert with fewer costs one reading of its weights. */
const tileRows = 64;

/** Rows of a tile of one expert, if tensor cores compute all products of a routing. */
export function tensorCoreRows({ plan, matrix }: OpContext, topkIds: TensorId): number | undefined {
  const readers = plan.nodes.filter(
    ({ op, inputs }) => (op === "expertsUp" || op === "expertsDown") && inputs["topkIds"] === topkIds,
  );
  const isTiled = readers.every(({ inputs }) => {
    const { gateUp, down } = inputs as Readonly<Record<string, TensorId>>;
    return matrix(gateUp ?? down).shards[0]!.form !== undefined;
  });
  return readers.length > 0 && isTiled ? tileRows : undefined;
}

export function streamExperts(context: OpContext, product: ExpertProduct): readonly KernelSpec[] {
  const { name, weight, x, y, inFeatures, width, up } = product;
  const { experts, topK } = product.attributes;
  const { rowsAt } = groupsLayout(context.plan.capacity.tokens, topK, experts);
  const panels = panelsOf(width, up);
  const rows = tensorCoreRows(context, product.topkIds) ?? narrowTile.m;
  return weight.shards.map((shard) => ({
    name,
    forms: [
      {
        kernel: "streamExperts",
        constants: {
          paired: Number(up),
          x_bf16: Number(x.form !== undefined),
          y_bf16: Number(y.form !== undefined),
          by_token: Number(up),
        },
      },
    ],
    params: params(inFeatures, stagesOf(inFeatures), width, topK, shard.first, shard.last, panels, rowsAt),
    bindings: [shard, whole(context.state.groups, "read"), x, y],
    workgroups: ({ tokens }) => {
      const routed = tokens * topK;
      return [panels, Math.floor(routed / rows) + Math.min(experts, routed)];
    },
  }));
}
