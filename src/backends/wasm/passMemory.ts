/** What passes need in a memory beside weights, and the binding of nodes to it. */
import { type ModelPlans, type Plan, type PlanNode, planArena } from "../../core/tensor/index.ts";
import type { Kernel } from "../host/pass.ts";
import type { Bank } from "./banks.ts";
import { Buffers } from "./buffers.ts";
import { bind } from "./ops/bind.ts";
import { PassLists } from "./passLists.ts";
import { Products } from "./products.ts";
import { scratchBytes } from "./scratch.ts";
import { type KeptTensor, Tensors } from "./tensors.ts";
import type { Workspace } from "./workspace.ts";

export class PassMemory {
  /** The scratch memory of each thread. */
  readonly scratch: readonly number[];
  readonly #kept = new Map<string, KeptTensor>();
  readonly #buffers = new Buffers();
  readonly #bank: Bank;
  readonly #workspaces: ReadonlyMap<Plan, Workspace>;

  constructor(bank: Bank, { body, head }: ModelPlans, threads: number) {
    const { memory, kernels, weights } = bank;
    this.#bank = bank;
    const bytes = scratchBytes([body, head]);
    this.scratch = Array.from({ length: threads }, () => memory.place("scratch", bytes));
    const arena = memory.place("the arena", Math.max(planArena(body).bytes, planArena(head).bytes));
    const buffers = this.#buffers;
    const lists = new PassLists(memory, body.capacity);
    const products = new Products(kernels, buffers, threads);
    const workspaceOf = (plan: Plan): Workspace => {
      const tensors = new Tensors(plan, weights, memory, this.#kept, arena);
      return { memory, kernels, buffers, lists, products, tensors };
    };
    this.#workspaces = new Map([body, head].map((plan) => [plan, workspaceOf(plan)]));
  }

  tensors(plan: Plan): Tensors {
    return this.#workspaces.get(plan)!.tensors;
  }

  /** A cache or boundary tensor that a node here reads or writes. */
  kept(name: string): KeptTensor | undefined {
    return this.#kept.get(name);
  }

  bind(plan: Plan, node: PlanNode): Kernel {
    return bind(node, this.#workspaces.get(plan)!);
  }

  /** Places what all nodes share, after the last of them is bound. */
  finish(): void {
    this.#buffers.place(this.#bank.memory);
  }
}
