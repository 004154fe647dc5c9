/** The memories of a model, the kernels that work in each of them, and the threads that go from one to the next. */

import { kernelModule } from "./kernelModule.ts";
import { type Kernels, kernelsOf } from "./kernels.generated.ts";
import { LinearMemory } from "./linearMemory.ts";
import { type KernelThread, mayWait, startThread } from "./threads.ts";
import { PackedWeights } from "./weights.ts";

/** A memory and its kernels. */
export interface Bank {
  readonly memory: LinearMemory;
  readonly kernels: Kernels;
  readonly weights: PackedWeights;
}

export class Banks {
  readonly #module: WebAssembly.Module;
  readonly #threadCount: number;
  readonly #banks: Bank[] = [];
  #threads: readonly KernelThread[] = [];
  #current = 0;

  /**
   * @param threadCount threads that compute, with the one that calls
   * @param relaxed whether with relaxed SIMD
   */
  static async create(threadCount: number, relaxed: boolean): Promise<Banks> {
    const module = await kernelModule(threadCount > 1 ? "shared" : "alone", relaxed);
    const banks = new Banks(module, threadCount);
    await banks.grow(1);
    return banks;
  }

  private constructor(module: WebAssembly.Module, threadCount: number) {
    this.#module = module;
    this.#threadCount = threadCount;
  }

  get list(): readonly Bank[] {
    return this.#banks;
  }

  /** Makes banks until there are `count`. */
  async grow(count: number): Promise<void> {
    while (this.#banks.length < count) {
      const memory = new LinearMemory(this.#threadCount > 1);
      const instance = await WebAssembly.instantiate(this.#module, { env: { memory: memory.memory } });
      const kernels = kernelsOf(instance);
      this.#banks.push({ memory, kernels, weights: new PackedWeights(memory, kernels) });
    }
  }

  /** Starts the other threads. @param places for each bank the scratch of each thread, the first that of the calling one */
  start(places: readonly (readonly number[])[]): void {
    const threads = this.#threadCount - 1;
    for (const [index, { kernels }] of this.#banks.entries())
      kernels.attach({ ownScratch: places[index]![0]!, threads, waits: Number(mayWait()) });
    this.#threads = Array.from({ length: threads }, (_, thread) =>
      startThread({
        module: this.#module,
        memories: this.#banks.map(({ memory }, index) => ({
          memory: memory.memory,
          scratch: places[index]![thread + 1]!,
        })),
      }),
    );
  }

  /** Kernels of this bank are called from now on. */
  enter(index: number): void {
    if (index === this.#current) return;
    this.#banks[index]!.kernels.enter();
    this.#banks[this.#current]!.kernels.leave({ to: index });
    this.#current = index;
  }

  dispose(): void {
    this.#banks[this.#current]!.kernels.leave({ to: -1 });
    for (const thread of this.#threads) thread.terminate();
    this.#threads = [];
  }
}
