/** The weights of an Architecture, and the tensors of a checkpoint from which each weight is read. */
import type { Shape, WeightPart, WeightSpec } from "../tensor/index.ts";
import type {
  Architecture,
  ExpertsFeedForward,
  FeedForwardNames,
  LayerNames,
  TensorNames,
} from "./architecture.ts";

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
    ...attentionWeights(a, `layers.${layer}.`, names.layer(layer), names.interleavedHeads ?? false),
    ...feedForwardWeights(a, layer, names.layer(layer)),
  ]);
  return [embedding, ...layers, stacked("finalNorm", part(names.finalNorm, a.hidden)), ...head];
}

function attentionWeights(
  a: Architecture,
  at: string,
  names: LayerNames,
  interleavedHeads: boolean,
): readonly WeightSpec[] {
  const rotated = (part: WeightPart): WeightPart =>
    interleavedHeads ? { ...part, transform: { kind: "interleaved", groupRows: a.headDimension } } : part;
  const queryWidth = a.heads * a.headDimension;
  const keyWidth = a.kvHeads * a.headDimension;
  const specs = [
    stacked(`${at}attentionNorm`, part(names.attentionNorm, a.hidden)),
    stacked(
      `${at}qkv`,
      ...(names.qkv
        ? [part(names.qkv, queryWidth + 2 * keyWidth, a.hidden)]
        : [
            rotated(part(names.query, queryWidth, a.hidden)),
            rotated(part(names.key, keyWidth, a.hidden)),
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
  if (kind.kind === "dense") {
    const { gate, up, down } = projections(kind.intermediate, a.hidden, names);
    return [norm, { ...stacked(`${at}gateUp`, gate, up), fusedGateUp: true }, stacked(`${at}down`, down)];
  }
  const routed = Array.from({ length: kind.experts }, (_, index) =>
    expertParts(kind, a.hidden, names, index),
  );
  const experts = kind.routing.shared
    ? [...routed, projections(kind.intermediate, a.hidden, names.sharedExpert)]
    : routed;
  return [
    norm,
    // Small, and a choice of experts hangs on it.
    { ...stacked(`${at}router`, part(names.router, kind.experts, a.hidden)), quantization: "never" },
    ...(kind.bias ? [stacked(`${at}routerBias`, part(names.routerBias, kind.experts))] : []),
    {
      symbol: `${at}experts.gateUp`,
      shape: [experts.length, 2 * kind.intermediate, a.hidden],
      parts: experts.flatMap(({ gate, up }) => [gate, up]),
    },
    {
      symbol: `${at}experts.down`,
      shape: [experts.length, a.hidden, kind.intermediate],
      parts: experts.map(({ down }) => down),
    },
  ];
}

/** The three matrices of a feed-forward network. */
function projections(
  intermediate: number,
  hidden: number,
  names: Partial<FeedForwardNames> | undefined,
): Readonly<Record<keyof FeedForwardNames, WeightPart>> {
  return {
    gate: part(names?.gate, intermediate, hidden),
    up: part(names?.up, intermediate, hidden),
    down: part(names?.down, hidden, intermediate),
  };
}

/** The matrices of an expert: tensors of its own, or its part of the stacks. */
function expertParts(
  { experts, intermediate }: ExpertsFeedForward,
  hidden: number,
  { expert, expertStacks }: LayerNames,
  index: number,
): Readonly<Record<keyof FeedForwardNames, WeightPart>> {
  if (!expertStacks) return projections(intermediate, hidden, expert?.(index));
  const rows = { start: index, end: index + 1 };
  const { gate, up, down } = projections(intermediate, hidden, expertStacks);
  const inStack = (each: WeightPart): WeightPart => ({ ...each, shape: [experts, ...each.shape], rows });
  return { gate: inStack(gate), up: inStack(up), down: inStack(down) };
}
