// Shapes of the models that are timed, and small ones that show that the benchmark itself works.
const routing = { score: "softmax", groups: 1, topGroups: 1, normalize: false, scale: 1, shared: 0 };
const dense = (layers, intermediate) => Array(layers).fill({ kind: "dense", intermediate });
const mixture = (layers, experts, topK, intermediate) =>
  Array(layers).fill({ kind: "experts", experts, topK, intermediate, routing, bias: false });
const heads = (count, headDimension) => ({
  heads: count,
  kvHeads: count,
  headDimension,
  rotaryDimension: headDimension,
});
const common = { epsilon: 1e-5, ropeTheta: 500000, qkvBias: false, tied: false };
const lladaMoe = { ...common, hidden: 2048, ...heads(16, 128), queryKeyNorm: true };

export const large = {
  models: {
    "LLaDA-MoE-7B-A1B": {
      ...lladaMoe,
      feedForward: mixture(16, 64, 8, 1024),
      vocabulary: 157184,
    },
    "LLaDA-8B": {
      ...common,
      hidden: 4096,
      ...heads(32, 128),
      queryKeyNorm: false,
      feedForward: dense(32, 12288),
      vocabulary: 126464,
    },
  },
  experts: { ...lladaMoe, feedForward: mixture(1, 64, 8, 1024), vocabulary: 1024 },
  /** Rows of weight matrices in bf16 with 4096 columns: of 8, 25, 100 and 200 MB. */
  ladder: { columns: 4096, outputs: [1024, 3072, 12288, 24576], rows: [8, 32, 64, 96, 128] },
  sequences: [1, 3, 4],
  window: 32,
  context: 1024,
  refresh: 1024,
  rounds: 15,
};

const smallMixture = { ...common, hidden: 64, ...heads(2, 32), queryKeyNorm: true };
export const small = {
  models: {
    "mixture, small": { ...smallMixture, feedForward: mixture(2, 8, 2, 32), vocabulary: 256 },
    "dense, small": {
      ...common,
      hidden: 64,
      ...heads(2, 32),
      queryKeyNorm: false,
      feedForward: dense(2, 96),
      vocabulary: 256,
    },
  },
  experts: { ...smallMixture, feedForward: mixture(1, 8, 2, 32), vocabulary: 256 },
  ladder: { columns: 64, outputs: [32, 96], rows: [8, 32] },
  sequences: [1, 2],
  window: 8,
  context: 32,
  refresh: 32,
  rounds: 2,
};
