/** Binds the nodes of a model, each to its memory. */
import type { ModelPlans, Plan, PlanNode } from "../../core/tensor/index.ts";
import type { BoundNode } from "../host/machine.ts";
import type { Banks } from "./banks.ts";
import type { PassMemory } from "./passMemory.ts";
import type { KeptTensor } from "./tensors.ts";
import { Transfers, writtenBytes } from "./transfers.ts";

/** A tensor that persists between passes, in the memory of the nodes that write it. */
export interface HeldTensor {
  readonly bank: number;
  readonly tensor: KeptTensor;
}

export interface BoundNodes {
  /** The nodes of the body, then those of the head. */
  readonly nodes: readonly BoundNode[];
  /** Caches and boundary tensors by name. */
  readonly held: ReadonlyMap<string, HeldTensor>;
}

/** @param memories what passes need in each bank */
export function bindNodes(
  { body, head }: ModelPlans,
  bankOf: (node: PlanNode) => number,
  banks: Banks,
  memories: readonly PassMemory[],
): BoundNodes {
  const held = new Map<string, HeldTensor>();
  const transfers = new Transfers();
  const bindNode = (plan: Plan, node: PlanNode): BoundNode => {
    const bank = bankOf(node);
    const memory = memories[bank]!;
    const run = memory.bind(plan, node);
    for (const name of persistentOf(plan, node)) held.set(name, { bank, tensor: memory.kept(name)! });
    const copies = transfers.before(plan, node, bank).map(({ id, from, to }) => {
      const addressIn = (index: number) => memories[index]!.tensors(plan).address(id);
      return { id, from, to, source: addressIn(from), target: addressIn(to) };
    });
    return {
      op: node.op,
      run: (pass) => {
        for (const { id, from, to, source, target } of copies) {
          const bytes = writtenBytes(plan, id, pass);
          const written = banks.list[from]!.memory.bytes(source, bytes);
          banks.list[to]!.memory.bytes(target, bytes).set(written);
        }
        banks.enter(bank);
        run(pass);
      },
    };
  };
  const nodes = [body, head].flatMap((plan) => plan.nodes.map((node) => bindNode(plan, node)));
  return { nodes, held };
}

/** Names of the caches of a node, and of what it writes for the other Plan. */
function persistentOf(plan: Plan, node: PlanNode): readonly string[] {
  const of = (ids: Readonly<Record<string, number>>, storage: "cache" | "boundary") =>
    Object.values(ids)
      .map((id) => plan.tensors[id]!)
      .filter((tensor) => tensor.storage === storage)
      .map(({ name }) => name);
  return [...of(node.inputs, "cache"), ...of(node.outputs, "boundary")];
}
