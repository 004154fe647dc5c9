/** What one forward pass of a model costs, node by node, with identical layers told once. */
import type { EnginePlan } from "../core/index.ts";
import {
  type Capacity,
  type Cost,
  costOf,
  countsOf,
  dtypeBytes,
  elementsOf,
  lifetimes,
  type NodeCost,
  type Plan,
  type Span,
  shapeText,
  totalCost,
} from "../core/tensor/index.ts";

/** A node of a section: its cost is one layer's. */
export interface ExplainedNode extends Cost {
  /** Without the layer, as in `attention`. */
  readonly name: string;
  readonly op: string;
  /** From the first input to the first output. */
  readonly shapes: string;
  /** Of the weights that it reads, as the checkpoint stores them. */
  readonly weightBytes: number;
}

/** Consecutive nodes of one layer, or of no layer; and how many times they stand there. */
export interface Section {
  /** As in `layers.0-3`. */
  readonly title: string;
  readonly count: number;
  readonly nodes: readonly ExplainedNode[];
}

/** The spans of a pass and the rows that it wants. */
export interface Pass {
  readonly spans: readonly Span[];
  readonly rows: number;
}

export interface Explanation {
  readonly sections: readonly Section[];
  readonly total: Cost;
  /** Floating-point operations a byte. */
  readonly intensity: number;
}

/** The last `tokens` positions of one sequence that is `context` positions long. */
export function onePass(plan: EnginePlan, counts: { tokens: number; context: number; rows: number }): Pass {
  const { tokens, context, rows } = counts;
  return { spans: [spanOf(plan, context - tokens, context)], rows };
}

/** The largest pass that fits: whole contexts, one after the other. */
export function fullPass(plan: EnginePlan, context: number): Pass {
  const { tokens, rows } = plan.capacity;
  const spans: Span[] = [];
  for (let start = 0; start < tokens; start += context) {
    spans.push(spanOf(plan, 0, Math.min(context, tokens - start)));
  }
  return { spans, rows };
}

function spanOf({ model }: EnginePlan, start: number, end: number): Span {
  return { slot: 0, start, end, visible: end, maskBlock: model.maskBlock, origin: 0 };
}

export function explainPass({ plans, capacity }: EnginePlan, { spans, rows }: Pass): Explanation {
  const counts = countsOf(spans, rows, capacity.positions);
  const sections = [plans.body, plans.head].flatMap((plan) =>
    fold(costOf(plan, counts).map((cost) => explained(plan, cost, counts))),
  );
  const costs = sections.flatMap(({ count, nodes }) => nodes.map((node) => times(node, count)));
  const total = totalCost(costs);
  return { sections, total, intensity: total.bytes > 0 ? total.flops / total.bytes : 0 };
}

/** A cost, so many times. */
export function times({ bytes, flops, launches }: Cost, count: number): Cost {
  return { bytes: bytes * count, flops: flops * count, launches: launches * count };
}

function explained(plan: Plan, { node, bytes, flops, launches }: NodeCost, counts: Capacity): ExplainedNode {
  const tensors = (ids: readonly (number | undefined)[]) =>
    ids.flatMap((id) => (id === undefined ? [] : [plan.tensors[id]!]));
  const inputs = tensors(Object.values(node.inputs));
  const outputs = tensors(Object.values(node.outputs));
  const activations = inputs.filter(({ storage }) => storage !== "weight");
  const weights = inputs.filter(({ storage }) => storage === "weight");
  const from = (activations[0] ?? weights[0])?.shape ?? [];
  const to = outputs[0]?.shape ?? [];
  return {
    name: node.name,
    op: node.op,
    shapes: `${shapeText(from)} → ${shapeText(to)}`,
    weightBytes: weights.reduce(
      (sum, tensor) => sum + dtypeBytes(tensor.dtype, elementsOf(tensor, counts)),
      0,
    ),
    bytes,
    flops,
    launches,
  };
}

/** Sections of consecutive nodes of one layer; layers that are alike, one after the other, become one section. */
function fold(nodes: readonly ExplainedNode[]): readonly Section[] {
  const runs: { layer: number | undefined; last: number | undefined; nodes: ExplainedNode[] }[] = [];
  for (const node of nodes) {
    const [, index, name] = /^layers\.(\d+)\.(.+)$/.exec(node.name) ?? [];
    const layer = index === undefined ? undefined : Number(index);
    const run = runs[runs.length - 1];
    const local = { ...node, name: name ?? node.name };
    if (run && run.layer === layer) run.nodes.push(local);
    else runs.push({ layer, last: layer, nodes: [local] });
  }
  const folded: typeof runs = [];
  for (const run of runs) {
    const before = folded[folded.length - 1];
    const alike =
      before && run.layer !== undefined && JSON.stringify(before.nodes) === JSON.stringify(run.nodes);
    if (alike) before.last = run.layer;
    else folded.push(run);
  }
  return folded.map(({ layer, last, nodes }) => {
    if (layer === undefined || last === undefined) return { title: "", count: 1, nodes };
    const title = layer === last ? `layers.${layer}` : `layers.${layer}-${last}`;
    return { title, count: last - layer + 1, nodes };
  });
}

export interface ArenaUse {
  /** Of the arena that all scratch tensors share. */
  readonly bytes: number;
  /** What they would take side by side. */
  readonly sumBytes: number;
}

export function arenaUse({ plans, arenaBytes }: EnginePlan): ArenaUse {
  const sums = [plans.body, plans.head].map((plan) =>
    [...lifetimes(plan).keys()].reduce((sum, id) => {
      const tensor = plan.tensors[id]!;
      return sum + dtypeBytes(tensor.dtype, elementsOf(tensor, plan.capacity));
    }, 0),
  );
  return { bytes: arenaBytes, sumBytes: sums.reduce((sum, bytes) => sum + bytes, 0) };
}
