/** Buffers of the backend beside weights and tensors of Plans. Their sizes follow from the capacity of the Plans. */
import {
  elementsOf,
  type ModelPlans,
  maxCoupledRows,
  maxTopTokens,
  type PlanNode,
} from "../../../core/tensor/index.ts";
import { constants, forbiddenListLayout, forbiddenTableLayout, wantedRowLayout } from "../../layout/index.ts";
import type { DeviceBuffer } from "../buffer.ts";
import type { Capabilities } from "../capabilities.ts";
import type { Shard } from "../deviceWeight.ts";
import { statisticsBytes } from "../layout/answers.ts";
import { candidateWords } from "../layout/candidates.ts";
import { maxSpans, maxSteps, maxSubmissionWords } from "../layout/limits.ts";
import { logprobBytes } from "../layout/logprobs.ts";
import { maxReportWords } from "../layout/report.ts";
import { gatherListWords } from "../layout/wantedRows.ts";
import type { StateBuffers } from "../ops/context.ts";
import { memoryBytes } from "../ops/decide.ts";
import { groupsLayout } from "../ops/groups.ts";
import { headLayout } from "../ops/head/layout.ts";
import { productShapes } from "../ops/productShapes.ts";
import { projectedBytes } from "../ops/qkv.ts";
import { quantizedRowBytes } from "../ops/quantizeRows.ts";
import { partsBytes } from "../products.ts";
import type { DeviceMemory } from "./memory.ts";

export interface StateSizes {
  readonly positions: number;
  readonly rows: number;
  /** Columns of a hidden state. */
  readonly hidden: number;
  /** Words of all tables of forbidden tokens in a submission. */
  readonly forbidden: number;
  /** Maximum single logits that the host gathers in a pass. */
  readonly pairs: number;
}

/** Name and bytes of a buffer, and what the bytes grow with. */
export interface StateBuffer {
  readonly name: string;
  readonly bytes: number;
  readonly growsWith: "positions" | "tokens" | "no";
}

export interface StateLayout {
  readonly sizes: StateSizes;
  readonly buffers: Readonly<Record<keyof StateBuffers, StateBuffer>>;
}

/** @param shardsOfHead by shard of the head's weight: its rows */
export function stateLayout(
  plans: ModelPlans,
  shardsOfHead: readonly Pick<Shard, "first" | "last">[],
  device: Pick<Capabilities, "busyWorkgroups" | "int8Activations">,
): StateLayout {
  const { capacity } = plans.body;
  const nodes = [...plans.body.nodes, ...plans.head.nodes];
  const most = (bytes: (node: PlanNode) => number) => Math.max(16, ...nodes.map(bytes));
  const head = plans.head.nodes.find((node) => node.op === "headStatistics");
  const hidden = head ? columns(plans, head.inputs.hidden!) : 4;
  const layout = headLayout(head?.attributes.vocabulary ?? 1, capacity.rows, shardsOfHead);
  const sizes: StateSizes = {
    positions: capacity.positions,
    rows: capacity.rows,
    hidden,
    // By step: a table for each request, a list for each position, and tokens, of which most positions share theirs.
    forbidden:
      maxSteps *
      (forbiddenTableLayout.words * maxSpans +
        forbiddenListLayout.words * capacity.tokens +
        4 * capacity.rows),
    pairs: Math.max(4096, constants.maxGatheredTokens * capacity.rows),
  };
  const byPosition = (name: string, words: number): StateBuffer => {
    return { name, bytes: 4 * capacity.positions * words, growsWith: "positions" };
  };
  const byToken = (name: string, bytes: number): StateBuffer => ({ name, bytes, growsWith: "tokens" });
  // For chunks of rows, whatever the capacity.
  const bounded = (name: string, bytes: number): StateBuffer => ({ name, bytes, growsWith: "no" });
  const workspace = most((node) => {
    return node.op === "qkv" ? capacity.tokens * projectedBytes(node.attributes) : 0;
  });
  const parts = most((node) => {
    const all = productShapes(plans.body, node).map((shape) => partsBytes(capacity.tokens, shape, device));
    return Math.max(0, ...all);
  });
  const quantized = most((node) => capacity.tokens * quantizedRowBytes(plans.body, node, device));
  const groups = most((node) => {
    // The attributes count the shared expert, which the router does not choose.
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
      name: "decoders' memory",
      growsWith: "positions" as const,
      bytes: memoryBytes(capacity.positions, capacity.rows),
    },
    rows: byToken("wanted rows", 4 * wantedRowLayout.words * capacity.rows),
    forbidden: byToken("forbidden tokens", 4 * sizes.forbidden),
    pairs: byToken("pairs", 4 * gatherListWords(sizes.pairs)),
    gathered: byToken("gathered logits", 4 * sizes.pairs),
    statistics: byToken("statistics", statisticsBytes * capacity.rows),
    candidates: byToken("best tokens", 4 * candidateWords(maxTopTokens) * capacity.rows),
    couplings: byToken("couplings", 4 * maxCoupledRows * capacity.rows),
    workspace: byToken("workspace", workspace),
    parts: bounded("parts of products", parts),
    quantized: byToken("activations in int8", quantized),
    groups: byToken("expert groups", groups),
    partials: bounded("partials", layout.partialsBytes),
    logits: bounded("logits", layout.logitsBytes),
    pairRows: byToken("pairs of hidden states", 2 * 4 * hidden * capacity.rows),
    divergenceParts: bounded("divergence parts", layout.divergenceBytes),
    submission: bounded("submission", 4 * maxSubmissionWords),
    report: byToken("report", 4 * maxReportWords(capacity.tokens, maxSteps)),
    logprobs: bounded("log-probabilities", logprobBytes(capacity.tokens, maxSteps)),
  };
  return { sizes, buffers };
}

export async function makeState(
  memory: DeviceMemory,
  plans: ModelPlans,
  shardsOfHead: readonly Shard[],
  device: Pick<Capabilities, "busyWorkgroups" | "int8Activations">,
): Promise<{ readonly buffers: StateBuffers; readonly sizes: StateSizes }> {
  const { sizes, buffers } = stateLayout(plans, shardsOfHead, device);
  const made: Record<string, DeviceBuffer> = {};
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
