/** The cost of one forward pass, node by node. Identical consecutive layers share a section. */
import type { EnginePlan } from "../engine/index.ts";
import {
  bucketOf,
  type Capacity,
  type Cost,
  costOf,
  countsOf,
  dtypeBytes,
  elementsOf,
  type NodeCost,
  type Plan,
  shapeText,
  totalCost,
} from "../tensor/index.ts";
import type { PassShape } from "./passShape.ts";

/** A node of a section, with its cost in one layer. */
export interface ExplainedNode extends Cost {
  /** The name within the layer, for example `attention`. */
  readonly name: string;
  readonly op: string;
  /** Shapes of the first input and the first output, for example `[tokens, 64] → [tokens, 64]`. */
  readonly shapes: string;
  /** Bytes of the weights that the node reads, in the checkpoint's dtypes. */
  readonly weightBytes: number;
}

/** The nodes of a layer, or consecutive nodes outside of any layer. */
export interface ExplainedSection {
  /** For example `layers.0-3`; empty outside of the layers. */
  readonly title: string;
  /** The number of identical layers. */
  readonly count: number;
  readonly nodes: readonly ExplainedNode[];
}

export interface PassExplanation {
  /** The bucket of the pass, in tokens: a backend that prepares passes by bucket computes as many. */
  readonly bucket: number;
  readonly sections: readonly ExplainedSection[];
  readonly total: Cost;
  /** Floating-point operations per byte. */
  readonly intensity: number;
}

export function explainPass(
  { plans, capacity }: Pick<EnginePlan, "plans" | "capacity">,
  { spans, rows }: PassShape,
): PassExplanation {
  const counts = countsOf(spans, rows, capacity.positions);
  const sections = [plans.body, plans.head].flatMap((plan) =>
    foldLayers(costOf(plan, counts).map((cost) => explainNode(plan, cost, counts))),
  );
  const total = totalCost(sections.map(sectionCost));
  const bucket = bucketOf(plans.buckets, counts.tokens);
  return { bucket, sections, total, intensity: total.bytes > 0 ? total.flops / total.bytes : 0 };
}

/** The cost of all layers of a section. */
export function sectionCost({ count, nodes }: ExplainedSection): Cost {
  const { bytes, flops, launches } = totalCost(nodes);
  return { bytes: bytes * count, flops: flops * count, launches: launches * count };
}

function explainNode(
  plan: Plan,
  { node, bytes, flops, launches }: NodeCost,
  counts: Capacity,
): ExplainedNode {
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

interface LayerRun {
  /** Undefined outside of the layers. */
  readonly first: number | undefined;
  last: number | undefined;
  readonly nodes: ExplainedNode[];
}

/** Groups consecutive nodes by layer, then merges consecutive layers with identical nodes. */
function foldLayers(nodes: readonly ExplainedNode[]): readonly ExplainedSection[] {
  const folded: LayerRun[] = [];
  for (const run of layerRuns(nodes)) {
    const before = folded.at(-1);
    const isAlike =
      before && run.first !== undefined && JSON.stringify(before.nodes) === JSON.stringify(run.nodes);
    if (isAlike) before.last = run.first;
    else folded.push(run);
  }
  return folded.map(({ first, last, nodes }) => {
    if (first === undefined || last === undefined) return { title: "", count: 1, nodes };
    const title = first === last ? `layers.${first}` : `layers.${first}-${last}`;
    return { title, count: last - first + 1, nodes };
  });
}

function layerRuns(nodes: readonly ExplainedNode[]): readonly LayerRun[] {
  const runs: LayerRun[] = [];
  for (const node of nodes) {
    const [, index, name = node.name] = /^layers\.(\d+)\.(.+)$/.exec(node.name) ?? [];
    const layer = index === undefined ? undefined : Number(index);
    const run = runs.at(-1);
    const local = { ...node, name };
    if (run && run.first === layer) run.nodes.push(local);
    else runs.push({ first: layer, last: layer, nodes: [local] });
  }
  return runs;
}
