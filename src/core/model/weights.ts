/** The weights of an Architecture, and the tensors of a checkpoint from which each weight is read. */
import type { Shape, WeightPart, WeightSpec } from "../tensor/index.ts";
import type { Architecture, LayerNames, TensorNames } from "./architecture.ts";

/** A weight whose parts are concatenated along the outermost dimension. */
function stacked(symbol: string, ...parts: readonly WeightPart[]): WeightSpec {
  const rows = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
  return { symbol, shape: [rows, ...parts[0]!.shape.slice(1)], parts };
}

const part = (tensor: string | undefined, ...shape: Shape): WeightPart => ({
  tensor: tensor ?? "(unnamed)",
  shape,
});

/** All weights, in the order of their use in a pass. */
export function weightSpecs(a: Architecture, names: TensorNames): readonly WeightSpec[] {
  const vocabularyMatrix = (symbol: string, tensor: string): WeightSpec => {
    // Errors in these reach every token, and they are a small part of a large model.
    return { ...stacked(symbol, part(tensor, a.vocabulary, a.hidden)), quantization: "int8" };
  };
  const embedding = vocabularyMatrix("embedding", names.embedding);
  const head = a.tied ? [] : [vocabularyMatrix("head", names.head)];
  const layers = a.feedForward.flatMap((_, layer) => [
    ...attentionWeights(a, `layers.${layer}.`, names.layer(layer)),
    ...feedForwardWeights(a, layer, names.layer(layer)),
  ]);
  return [embedding, ...layers, stacked("finalNorm", part(names.finalNorm, a.hidden)), ...head];
}

function attentionWeights(a: Architecture, at: string, names: LayerNames): readonly WeightSpec[] {
  const queryWidth = a.heads * a.headDimension;
  const keyWidth = a.kvHeads * a.headDimension;
  const specs = [
    stacked(`${at}attentionNorm`, part(names.attentionNorm, a.hidden)),
    stacked(
      `${at}qkv`,
      ...(names.qkv
        ? [part(names.qkv, queryWidth + 2 * keyWidth, a.hidden)]
        : [
            part(names.query, queryWidth, a.hidden),
            part(names.key, keyWidth, a.hidden),
            part(names.value, keyWidth, a.hidden),
          ]),
    ),
    stacked(`${at}output`, part(names.output, a.hidden, queryWidth)),
  ];
  if (a.qkvBias) {
    const biases = [
      part(names.queryBias, queryWidth),
      part(names.keyBias, keyWidth),
      part(names.valueBias, keyWidth),
    ];
    specs.push(stacked(`${at}qkvBias`, ...biases));
  }
  if (a.queryKeyNorm) {
    specs.push(stacked(`${at}queryNorm`, part(names.queryNorm, a.headDimension)));
    specs.push(stacked(`${at}keyNorm`, part(names.keyNorm, a.headDimension)));
  }
  return specs;
}

function feedForwardWeights(a: Architecture, layer: number, names: LayerNames): readonly WeightSpec[] {
  const at = `layers.${layer}.`;
  const kind = a.feedForward[layer]!;
  const norm = stacked(`${at}feedForwardNorm`, part(names.feedForwardNorm, a.hidden));
  const up = (tensor: string | undefined) => part(tensor, kind.intermediate, a.hidden);
  const down = (tensor: string | undefined) => part(tensor, a.hidden, kind.intermediate);
  if (kind.kind === "dense") {
    return [
      norm,
      { ...stacked(`${at}gateUp`, up(names.gate), up(names.up)), fusedGateUp: true },
      stacked(`${at}down`, down(names.down)),
    ];
  }
  const routed = Array.from({ length: kind.experts }, (_, index) => names.expert?.(index));
  const experts = kind.routing.shared ? [...routed, names.sharedExpert] : routed;
  return [
    norm,
    // Small, and a choice of experts hangs on it.
    { ...stacked(`${at}router`, part(names.router, kind.experts, a.hidden)), quantization: "never" },
    ...(kind.bias ? [stacked(`${at}routerBias`, part(names.routerBias, kind.experts))] : []),
    {
      symbol: `${at}experts.gateUp`,
      shape: [experts.length, 2 * kind.intermediate, a.hidden],
      parts: experts.flatMap((expert) => [up(expert?.gate), up(expert?.up)]),
    },
    {
      symbol: `${at}experts.down`,
      shape: [experts.length, a.hidden, kind.intermediate],
      parts: experts.map((expert) => down(expert?.down)),
    },
  ];
}
