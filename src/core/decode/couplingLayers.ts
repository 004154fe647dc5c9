/** The parameter of decoders that need couplings: which layers these average. */
export const couplingLayers = {
  default: null,
  minimum: 1,
  help: "last layers of the model whose attention counts, at most all; null for a quarter",
} as const;
