/** Builds the Plans of an Architecture. All families share this decoder body. */
import { bug } from "../error.ts";
import {
  type CacheDType,
  type Capacity,
  type Dimension,
  type ModelPlans,
  PlanBuilder,
  type TensorId,
  tokenBuckets,
  type WeightEntry,
} from "../tensor/index.ts";
import type { Architecture } from "./architecture.ts";

const residual = (a: Architecture): readonly Dimension[] => ["tokens", a.hidden];

/**
 * Builds body and head of an architecture for a capacity.
 * @param weights of the architecture, whose shapes and types the Plans take
 * @param cache the type of the K/V pool
 */
export function buildPlans(
  a: Architecture,
  weights: readonly Pick<WeightEntry, "symbol" | "shape" | "dtype">[],
  capacity: Capacity,
  cache: CacheDType,
): ModelPlans {
  const known = new Map(weights.map((each) => [each.symbol, each]));
  const weight = (b: PlanBuilder, symbol: string) => {
    const found = known.get(symbol);
    if (!found) throw bug(`The body names a weight '${symbol}' that is not among its weights`);
    return b.weight(symbol, found.shape, found.dtype);
  };
  const body = new PlanBuilder("body", capacity);
  let x = body.scratch("x", residual(a));
  body.node("embed", "embed", { weight: weight(body, "embedding") }, { x }, { hidden: a.hidden });
  for (let layer = 0; layer < a.feedForward.length; layer++) {
    x = attentionLayer(body, a, layer, x, (symbol) => weight(body, symbol), cache);
    x = feedForwardLayer(body, a, layer, x, (symbol) => weight(body, symbol));
  }

  const head = new PlanBuilder("head", capacity);
  const final = head.boundary("final", residual(a));
  const hidden = head.scratch("hidden", ["rows", a.hidden]);
  const mixture = head.boundary("mixture", ["rows", a.hidden]);
  const norm = weight(head, "finalNorm");
  const embedding = weight(head, "embedding");
  head.node("selectRows", "selectRows", { x: final, norm }, { hidden }, { epsilon: a.epsilon });
  head.node(
    "headStatistics",
    "headStatistics",
    { hidden, weight: a.tied ? embedding : weight(head, "head"), embedding },
    { mixture },
    { vocabulary: a.vocabulary },
  );
  return { body: body.build(), head: head.build(), buckets: tokenBuckets(capacity.tokens) };
}

type Weights = (symbol: string) => TensorId;

function attentionLayer(
  b: PlanBuilder,
  a: Architecture,
  layer: number,
  x: TensorId,
  weight: Weights,
  cache: CacheDType,
): TensorId {
  const at = (name: string) => `layers.${layer}.${name}`;
  const { heads, kvHeads, headDimension, rotaryDimension, epsilon } = a;
  const query = b.scratch(at("query"), ["tokens", heads * headDimension]);
  const keys = b.cache(at("keys"), kvHeads * headDimension, cache);
  const values = b.cache(at("values"), kvHeads * headDimension, cache);
  b.node(
    "qkv",
    at("qkv"),
    {
      x,
      norm: weight(at("attentionNorm")),
      weight: weight(at("qkv")),
      bias: a.qkvBias ? weight(at("qkvBias")) : undefined,
      queryNorm: a.queryKeyNorm ? weight(at("queryNorm")) : undefined,
      keyNorm: a.queryKeyNorm ? weight(at("keyNorm")) : undefined,
      rope: b.weight("rope", [a.context, rotaryDimension]),
      keys,
      values,
    },
    { query, normed: b.scratch(at("qkv.normed"), residual(a)) },
    { heads, kvHeads, headDimension, rotaryDimension, epsilon },
  );
  const attnOutput = b.scratch(at("attnOutput"), ["tokens", heads * headDimension]);
  const scale = 1 / Math.sqrt(headDimension);
  b.node(
    "attention",
    at("attention"),
    { query, keys, values },
    { attnOutput },
    { heads, kvHeads, headDimension, scale },
  );
  const layers = a.feedForward.length;
  const coupled = { heads, kvHeads, headDimension, scale, layer, layers };
  b.node("couplings", at("couplings"), { query, keys }, {}, coupled);
  const y = b.scratch(at("attnResidual"), residual(a));
  b.node(
    "project",
    at("project"),
    { x: attnOutput, weight: weight(at("output")), bias: undefined, residual: x },
    { y },
    { outFeatures: a.hidden, inFeatures: heads * headDimension },
  );
  return y;
}

function feedForwardLayer(
  b: PlanBuilder,
  a: Architecture,
  layer: number,
  x: TensorId,
  weight: Weights,
): TensorId {
  const at = (name: string) => `layers.${layer}.${name}`;
  const kind = a.feedForward[layer]!;
  const last = layer === a.feedForward.length - 1;
  const y = last ? b.boundary("final", residual(a)) : b.scratch(at("y"), residual(a));
  const norm = weight(at("feedForwardNorm"));
  const normed = b.scratch(at("normed"), residual(a));
  if (kind.kind === "dense") {
    const { intermediate } = kind;
    const halves = b.scratch(at("halves"), ["tokens", 2 * intermediate]);
    const activation = b.scratch(at("activation"), ["tokens", intermediate]);
    const inputs = { x, norm, gateUp: weight(at("gateUp")), down: weight(at("down")), residual: x };
    b.node("mlp", at("mlp"), inputs, { y, normed, halves, activation }, { intermediate, epsilon: a.epsilon });
    return y;
  }
  const { experts, topK, intermediate, routing } = kind;
  const { shared } = routing;
  const routed = (width: number): readonly Dimension[] => [{ of: "tokens", times: topK + shared }, width];
  const topkIds = b.scratch(at("topkIds"), routed(1), "u32");
  const topkWeights = b.scratch(at("topkWeights"), routed(1));
  b.node(
    "route",
    at("route"),
    { x, norm, router: weight(at("router")), bias: kind.bias ? weight(at("routerBias")) : undefined },
    { normed, topkIds, topkWeights },
    { experts, topK, ...routing, epsilon: a.epsilon },
  );
  const attributes = { experts: experts + shared, topK: topK + shared, intermediate };
  const activation = b.scratch(at("activation"), routed(intermediate));
  const halves = b.scratch(at("halves"), routed(2 * intermediate));
  const up = { normed, topkIds, gateUp: weight(at("experts.gateUp")) };
  b.node("expertsUp", at("expertsUp"), up, { activation, halves }, attributes);
  const down = { activation, topkIds, topkWeights, down: weight(at("experts.down")), residual: x };
  const parts = b.scratch(at("parts"), routed(a.hidden));
  b.node("expertsDown", at("expertsDown"), down, { y, parts }, attributes);
  return y;
}
