/** The buffers that a backend keeps beside weights and Plans, sized once by what its Plans can hold. */
import { elementsOf, type ModelPlans, maxTopTokens, type PlanNode } from "../../../core/tensor/index.ts";
import { candidateWords, maxSpans, maxSteps } from "../layout/descriptor.ts";
import { reportWords } from "../layout/report.ts";
import { ringBytes } from "../layout/ring.ts";
import { statisticsBytes } from "../layout/statisticsLayout.ts";
import type { StateBuffers } from "../ops/context.ts";
import { memoryBytes } from "../ops/decide.ts";
import { groupsLayout } from "../ops/groups.ts";
import { headLayout } from "../ops/head/layout.ts";
import { projectedBytes } from "../ops/qkv.ts";
import type { DeviceMemory } from "./memory.ts";
import type { Shard } from "./weights.ts";

export interface StateSizes {
  readonly positions: number;
  readonly rows: number;
  /** Columns of a hidden state. */
  readonly hidden: number;
  /** Words of all tables of forbidden tokens of a submission. */
  readonly forbidden: number;
  /** Pairs (row, token) to be gathered that a pass may hold. */
  readonly pairs: number;
}

/** A buffer's name and bytes, and what they grow with. */
export interface StateBuffer {
  readonly name: string;
  readonly bytes: number;
  readonly growsWith: "positions" | "tokens" | "no";
}

export interface StateLayout {
  readonly sizes: StateSizes;
  readonly buffers: Readonly<Record<keyof StateBuffers, StateBuffer>>;
}

/** @param shardsOfHead rows of the head's weight that lie in one piece */
export function stateLayout(
  plans: ModelPlans,
  shardsOfHead: readonly Pick<Shard, "first" | "last">[],
): StateLayout {
  const { capacity } = plans.body;
  const nodes = [...plans.body.nodes, ...plans.head.nodes];
  const most = (bytes: (node: PlanNode) => number) => Math.max(16, ...nodes.map(bytes));
  const head = plans.head.nodes.find((node) => node.op === "headStatistics");
  const hidden = head ? columns(plans, head.inputs.hidden!) : 4;
  const layout = headLayout(head?.attributes.vocabulary ?? 1, capacity.rows, shardsOfHead);
  const sizes: StateSizes = {
    ...{ positions: capacity.positions, rows: capacity.rows, hidden },
    // By step: a table's head a request, two words a position, and lists that are mostly the same ones.
    forbidden: maxSteps * (2 * maxSpans + 2 * capacity.tokens + 4 * capacity.rows),
    pairs: Math.max(4096, 64 * capacity.rows),
  };
  const byPosition = (name: string, words: number): StateBuffer => {
    return { name, bytes: 4 * capacity.positions * words, growsWith: "positions" };
  };
  const byToken = (name: string, bytes: number): StateBuffer => ({ name, bytes, growsWith: "tokens" });
  // Rows are done in chunks, so these have a bound of their own.
  const bounded = (name: string, bytes: number): StateBuffer => ({ name, bytes, growsWith: "no" });
  const workspace = most((node) => {
    return node.op === "qkv" ? capacity.tokens * projectedBytes(node.attributes) : 0;
  });
  const groups = most((node) => {
    // These count the shared expert, which the router does not choose.
    if (node.op !== "expertsUp") return 0;
    return 4 * groupsLayout(capacity.tokens, node.attributes.topK, node.attributes.experts).words;
  });
  const buffers = {
    tokens: byPosition("tokens", 1),
    flags: byPosition("flags", 1),
    soft: byPosition("soft embeddings", hidden),
    kept: byPosition("kept hidden states", hidden),
    keptStep: byPosition("steps of kept hidden states", 1),
    memory: {
      ...{ name: "decoders' memory", growsWith: "positions" as const },
      bytes: memoryBytes(capacity.positions, capacity.rows),
    },
    rows: byToken("wanted rows", 16 * capacity.rows),
    forbidden: byToken("forbidden tokens", 4 * sizes.forbidden),
    pairs: byToken("pairs", 4 * (1 + 2 * sizes.pairs)),
    gathered: byToken("gathered logits", 4 * sizes.pairs),
    statistics: byToken("statistics", statisticsBytes * capacity.rows),
    candidates: byToken("best tokens", 4 * candidateWords(maxTopTokens) * capacity.rows),
    workspace: byToken("workspace", workspace),
    groups: byToken("expert groups", groups),
    partials: bounded("partials", layout.partialsBytes),
    logits: bounded("logits", layout.logitsBytes),
    pairRows: byToken("pairs of hidden states", 2 * 4 * hidden * capacity.rows),
    divergenceParts: bounded("divergence parts", layout.divergenceBytes),
    report: byToken("report", 4 * reportWords(capacity.tokens, maxSpans, maxSteps)),
    ring: bounded("ring of log-probabilities", ringBytes(capacity.tokens, maxSteps)),
  };
  return { sizes, buffers };
}

export async function makeState(
  memory: DeviceMemory,
  plans: ModelPlans,
  shardsOfHead: readonly Shard[],
): Promise<{ readonly buffers: StateBuffers; readonly sizes: StateSizes }> {
  const { sizes, buffers } = stateLayout(plans, shardsOfHead);
  const made: Record<string, GPUBuffer> = {};
  for (const [key, { name, bytes }] of Object.entries(buffers)) made[key] = await memory.buffer(name, bytes);
  return { buffers: made as unknown as StateBuffers, sizes };
}

function columns({ head }: ModelPlans, id: number): number {
  const tensor = head.tensors[id]!;
  return (
    elementsOf(tensor, head.capacity) /
    elementsOf({ ...tensor, shape: tensor.shape.slice(0, -1) }, head.capacity)
  );
}
