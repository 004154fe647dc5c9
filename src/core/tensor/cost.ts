/** The cost of a Plan in a given pass: bytes moved, floating-point operations and launches, node by node. */
import { type Cost, CostView, type Counts, ops } from "./ops/index.ts";
import type { Plan, PlanNode } from "./plan.ts";
import { type Span, visibleKeys } from "./span.ts";

export interface NodeCost extends Cost {
  readonly node: PlanNode;
}

/** The cost of every node of a Plan in a pass with these counts. */
export function costOf(plan: Plan, counts: Counts): readonly NodeCost[] {
  const view = new CostView(plan.tensors, counts);
  return plan.nodes.map((node) => {
    // The name of an op determines the type of its nodes; TypeScript loses this relation in the lookup.
    const cost = (ops[node.op].cost as (node: PlanNode, view: CostView) => Cost)(node, view);
    return { node, ...cost };
  });
}

export function totalCost(costs: readonly Cost[]): Cost {
  return costs.reduce<Cost>(
    (sum, cost) => ({
      bytes: sum.bytes + cost.bytes,
      flops: sum.flops + cost.flops,
      launches: sum.launches + cost.launches,
    }),
    { bytes: 0, flops: 0, launches: 0 },
  );
}

/** The counts of a pass with these spans and `rows` wanted rows. */
export function countsOf(spans: readonly Span[], rows: number, positions: number): Counts {
  let tokens = 0;
  let pairs = 0;
  let keys = 0;
  for (const span of spans) {
    tokens += span.end - span.start;
    let spanKeys = 0;
    for (let position = span.start; position < span.end; position++) {
      const visible = visibleKeys(span, position);
      pairs += visible;
      spanKeys = Math.max(spanKeys, visible);
    }
    keys += spanKeys;
  }
  return { tokens, rows, positions, spans: spans.length, pairs, keys };
}
