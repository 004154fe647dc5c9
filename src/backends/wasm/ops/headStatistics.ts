import { gatheredLogits, type NodeOf, rowsOf } from "../../../core/tensor/index.ts";
import type { Kernel } from "../../host/pass.ts";
import { exclude } from "../../host/statistics.ts";
import type { Workspace } from "../workspace.ts";
import { Divergences } from "./divergences.ts";
import { type HeadRow, headRowsOf } from "./headRows.ts";
import { Mixtures } from "./mixtures.ts";
import { RowStatistics } from "./rowStatistics.ts";

/** Rows whose logits are held at a time: the head's weight is read once for all of them. */
const chunk = 32;

/** The head for some rows at a time, and the statistics of each row. The bits of a row do not depend on its chunk. */
export function headStatistics(node: NodeOf<"headStatistics">, workspace: Workspace): Kernel {
  const { memory, buffers, lists, products, tensors } = workspace;
  const { vocabulary } = node.attributes;
  const hidden = tensors.address(node.inputs.hidden!);
  const weight = tensors.matrix(node.inputs.weight!);
  const width = weight.columns;
  const capacity = Math.min(chunk, tensors.elements(node.inputs.hidden!) / width);
  const logits = buffers.reserve("logits", 4 * capacity * vocabulary);
  products.reserve(Math.ceil(capacity / 4), weight);
  const rowStatistics = new RowStatistics(workspace, vocabulary, capacity);
  const divergences = new Divergences(workspace, weight);
  const mixtures = new Mixtures(
    workspace,
    tensors.matrix(node.inputs.embedding!),
    tensors.address(node.outputs.mixture),
    capacity,
  );

  return (pass) => {
    if (pass.head.some((request) => request.logits)) {
      pass.statistics = { ...pass.statistics, logits: new Float32Array(pass.rows * vocabulary) };
    }
    const { statistics } = pass;
    const rows = headRowsOf(pass);
    for (let first = 0; first < rows.length; first += chunk) {
      const some = rows.slice(first, first + chunk);
      const source = { kind: "plain", x: hidden + 4 * first * width } as const;
      products.run(source, weight, { out: logits.address, width: vocabulary }, lists.all(some.length));
      const logitsOf = (at: number) => memory.f32(logits.address + 4 * at * vocabulary, vocabulary);
      for (const [at, { request, index }] of some.entries()) {
        if (request.logits) statistics.logits!.set(logitsOf(at), (first + at) * vocabulary);
        exclude(logitsOf(at), request, index);
      }
      const requestRows = ({ requestIndex }: HeadRow) => rowsOf(statistics, requestIndex);
      rowStatistics.write(some, logits.address, logitsOf, requestRows);
      for (const [at, { request, index }] of some.entries()) {
        const tokens = request.gather?.[index] ?? [];
        if (tokens.length === 0) continue;
        const values = logitsOf(at);
        gatheredLogits(statistics.gathered!, first + at).set(tokens.map((token) => values[token]!));
      }
      divergences.write(some, source.x, logitsOf, (at, value) => {
        statistics.divergence![first + at] = value;
      });
      mixtures.write(some, first, logits.address, logitsOf);
    }
  };
}
