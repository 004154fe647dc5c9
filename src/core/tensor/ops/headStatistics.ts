import { op } from "./op.ts";

export const headStatistics = op<{ readonly vocabulary: number }>()({
  name: "headStatistics",
  help: "The language-model head and, for each wanted row, the statistics that decoders need; logits are not stored.",
  /** hidden [rows, hidden], weight [vocabulary, hidden], embedding [vocabulary, hidden] (for soft mixtures). */
  inputs: ["hidden", "weight", "embedding"],
  /** mixture [rows, hidden]: softmax(logits) * embedding, for rows whose request has `mixture`. */
  outputs: ["mixture"],
  cost: ({ inputs }, view) => ({
    bytes: view.bytes(inputs.hidden, inputs.weight) + 64 * view.counts.rows,
    flops: 2 * view.counts.rows * view.elements(inputs.weight),
    launches: 2,
  }),
});
