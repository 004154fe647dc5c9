/** A list of kernels on a native device, as programs of the native part: one for each bucket of passes. */
import { DiffusionError } from "../../core/error.ts";
import type { Program, ProgramOptions } from "../gpu/device.ts";
import type { KernelSpec } from "../gpu/kernel.ts";
import type { PassCounts } from "../gpu/layout/descriptor.ts";
import { bucketCounts, countsKey } from "./bucketCounts.ts";
import { type BoundKernel, boundKernel, type Kernels, launchesOf, type NativeBuffer } from "./launches.ts";

/** The native part's side of programs. */
export interface ProgramTable {
  /** Gives launches a number. */
  define(launches: Uint32Array): number;
  forget(program: number): void;
}

/** Programs of a list that are kept: those of the latest buckets. */
const maxPrograms = 64;

export class KernelList implements Program {
  readonly steps: NativeBuffer;
  readonly control: NativeBuffer;
  readonly #bound: readonly BoundKernel[];
  /** Lazy kernels that the native part lacks: an error for passes that need one. */
  readonly #missing: readonly KernelSpec[];
  readonly #table: ProgramTable;
  /** By bucket, the latest used last. */
  readonly #programs = new Map<string, number>();

  /** @throws DiffusionError `unsupported` if a kernel that is not lazy is missing */
  constructor(
    kernels: Kernels,
    specs: readonly KernelSpec[],
    { steps, control }: ProgramOptions,
    table: ProgramTable,
  ) {
    this.#table = table;
    this.steps = steps as NativeBuffer;
    this.control = control as NativeBuffer;
    const all = specs.map((spec) => ({ spec, bound: boundKernel(kernels, spec) }));
    this.#bound = all.flatMap(({ bound }) => (bound ? [bound] : []));
    this.#missing = all.filter(({ bound }) => !bound).map(({ spec }) => spec);
    const missing = this.#missing.find(({ lazy }) => !lazy);
    if (missing) throw missingKernel(missing);
  }

  compileMissing(all: readonly PassCounts[]): Promise<void> | undefined {
    const wanted = this.#missing.find((spec) => all.some((counts) => runs(spec, counts)));
    return wanted ? Promise.reject(missingKernel(wanted)) : undefined;
  }

  /** The number of the program for a pass. */
  program(counts: PassCounts): number {
    const bucket = bucketCounts(counts);
    const key = countsKey(bucket);
    const program = this.#programs.get(key) ?? this.#table.define(launchesOf(this.#bound, bucket).words);
    this.#programs.delete(key);
    this.#programs.set(key, program);
    if (this.#programs.size > maxPrograms) {
      const [oldest, unused] = this.#programs.entries().next().value!;
      this.#programs.delete(oldest);
      this.#table.forget(unused);
    }
    return program;
  }

  /** Names of the kernels of a pass, in order. */
  names(counts: PassCounts): readonly string[] {
    return launchesOf(this.#bound, bucketCounts(counts)).names;
  }

  dispose(): void {
    for (const program of this.#programs.values()) this.#table.forget(program);
    this.#programs.clear();
  }
}

function runs(spec: KernelSpec, counts: PassCounts): boolean {
  const [x, y = 1] = spec.workgroups(counts);
  return x > 0 && y > 0;
}

function missingKernel({ name, forms }: KernelSpec): DiffusionError {
  const kernels = [...new Set(forms.map(({ kernel }) => kernel))].join(", ");
  return new DiffusionError("unsupported", `Cannot compute '${name}' as CUDA has no kernel '${kernels}'`);
}
