/** The product of all tokens' rows with a matrix on tensor cores, one kernel for each shard. */
import { bug } from "../../../../core/error.ts";
import { type KernelForm, type KernelSpec, params, whole } from "../../kernel.ts";
import type { PassCounts } from "../../layout/descriptor.ts";
import type { OpContext } from "../context.ts";
import type { MatrixProduct } from "../productTypes.ts";
import { groupForm, groupForms, panelsOf, serialRows, splitsOf, stagesOf } from "./shapes.ts";

export function streamProduct(context: OpContext, product: MatrixProduct): readonly KernelSpec[] {
  const { name, weight, x, y, inFeatures, width, bias, residual, gated = false, ofHead } = product;
  const { dummyBinding, tensorCores } = context;
  if (!tensorCores) throw bug(`'${name}' is arranged for tensor cores, which the device lacks`);
  const stages = stagesOf(inFeatures);
  // The head's sums are not split, so that a logit is the same wherever it is computed.
  const splits = ofHead ? 1 : splitsOf(panelsOf(width, gated), stages);
  const form = (groups: number, serial: boolean): KernelForm => ({
    kernel: "streamProduct",
    constants: {
      groups,
      serial: Number(serial),
      paired: Number(gated),
      x_bf16: Number(x.form !== undefined),
      y_bf16: Number(y.form !== undefined),
      has_bias: Number(bias !== undefined),
      has_residual: Number(residual !== undefined),
      of_head: Number(ofHead !== undefined),
    },
  });
  const rowsOf = ({ tokens, rows }: PassCounts) =>
    ofHead ? Math.max(0, Math.min(rows, ofHead.limit) - ofHead.first) : tokens;
  return weight.shards.map((shard): KernelSpec => {
    const outFeatures = shard.last - shard.first;
    const panels = panelsOf(outFeatures, gated);
    return {
      name,
      forms: [...groupForms.map((groups) => form(groups, false)), form(serialRows / 8, true)],
      selectForm: (counts) => groupForm(rowsOf(counts)),
      params: params(
        inFeatures,
        stages,
        splits,
        outFeatures,
        shard.first,
        width,
        ofHead?.first ?? 0,
        ofHead?.limit ?? 0,
      ),
      bindings: [
        shard,
        bias ?? dummyBinding,
        x,
        residual ?? dummyBinding,
        y,
        whole(tensorCores.splitSums, "write"),
        whole(tensorCores.arrivals, "write"),
      ],
      workgroups: (counts) => {
        const rows = rowsOf(counts);
        if (rows === 0) return [0];
        return [panels, groupForm(rows) < groupForms.length ? splits : Math.ceil(rows / serialRows)];
      },
    };
  });
}
