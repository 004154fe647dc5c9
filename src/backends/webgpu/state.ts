/** The buffers that a backend keeps beside weights and Plans, sized once by what its Plans can hold. */
import { elementsOf, type ModelPlans, type PlanNode } from "../../core/tensor/index.ts";
import { maximumSpans } from "./descriptor.ts";
import { mostSteps } from "./deviceLoop.ts";
import type { DeviceMemory } from "./memory.ts";
import type { StateBuffers } from "./ops/context.ts";
import { memoryBytes } from "./ops/decide.ts";
import { groupsLayout } from "./ops/groups.ts";
import { headLayout } from "./ops/headStatistics.ts";
import { projectedBytes } from "./ops/qkv.ts";
import { reportWords } from "./report.ts";
import { statisticsBytes } from "./statisticsLayout.ts";
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

export async function makeState(
  memory: DeviceMemory,
  plans: ModelPlans,
  shardsOfHead: readonly Shard[],
): Promise<{ readonly buffers: StateBuffers; readonly sizes: StateSizes }> {
  const { capacity } = plans.body;
  const nodes = [...plans.body.nodes, ...plans.head.nodes];
  const most = (bytes: (node: PlanNode) => number) => Math.max(16, ...nodes.map(bytes));
  const head = plans.head.nodes.find((node) => node.op === "headStatistics");
  const hidden = head ? columns(plans, head.inputs.hidden!) : 4;
  const layout = headLayout(head?.attributes.vocabulary ?? 1, capacity.rows, shardsOfHead);
  const sizes: StateSizes = {
    ...{ positions: capacity.positions, rows: capacity.rows, hidden },
    // By step: a table's head a request, two words a position, and lists that are mostly the same ones.
    forbidden: mostSteps * (2 * maximumSpans + 2 * capacity.tokens + 4 * capacity.rows),
    pairs: Math.max(4096, 64 * capacity.rows),
  };
  const byPosition = (words: number) => 4 * capacity.positions * words;
  const buffers: StateBuffers = {
    tokens: await memory.buffer("tokens", byPosition(1)),
    flags: await memory.buffer("flags", byPosition(1)),
    soft: await memory.buffer("soft embeddings", byPosition(hidden)),
    kept: await memory.buffer("kept hidden states", byPosition(hidden)),
    keptStep: await memory.buffer("steps of kept hidden states", byPosition(1)),
    rows: await memory.buffer("wanted rows", 16 * capacity.rows),
    forbidden: await memory.buffer("forbidden tokens", 4 * sizes.forbidden),
    pairs: await memory.buffer("pairs", 4 * (1 + 2 * sizes.pairs)),
    gathered: await memory.buffer("gathered logits", 4 * sizes.pairs),
    statistics: await memory.buffer("statistics", statisticsBytes * capacity.rows),
    workspace: await memory.buffer(
      "workspace",
      most((node) => (node.op === "qkv" ? capacity.tokens * projectedBytes(node.attributes) : 0)),
    ),
    groups: await memory.buffer(
      "expert groups",
      most((node) => {
        if (node.op !== "expertsUp") return 0;
        return 4 * groupsLayout(capacity.tokens, node.attributes.topK, node.attributes.experts).words;
      }),
    ),
    partials: await memory.buffer("partials", layout.partialsBytes),
    logits: await memory.buffer("logits", layout.logitsBytes),
    pairRows: await memory.buffer("pairs of hidden states", 2 * 4 * hidden * capacity.rows),
    divergenceParts: await memory.buffer("divergence parts", layout.divergenceBytes),
    memory: await memory.buffer("decoders' memory", memoryBytes(capacity.positions, capacity.rows)),
    report: await memory.buffer("report", 4 * reportWords(capacity.tokens, maximumSpans, mostSteps)),
  };
  return { buffers, sizes };
}

function columns({ head }: ModelPlans, id: number): number {
  const tensor = head.tensors[id]!;
  return (
    elementsOf(tensor, head.capacity) /
    elementsOf({ ...tensor, shape: tensor.shape.slice(0, -1) }, head.capacity)
  );
}
