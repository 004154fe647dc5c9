/** A list of kernels on a native device. */
import { DiffusionError } from "../../core/error.ts";
import type { Program, ProgramOptions } from "../gpu/device.ts";
import type { KernelSpec } from "../gpu/kernel.ts";
import type { PassCounts } from "../gpu/layout/descriptor.ts";
import { type BoundKernel, boundKernel, type Kernels, launchWords, type NativeBuffer } from "./launches.ts";

export class KernelList implements Program {
  readonly steps: NativeBuffer;
  readonly control: NativeBuffer;
  readonly #bound: readonly BoundKernel[];
  /** Lazy kernels that the native part lacks: an error for passes that need one. */
  readonly #missing: readonly KernelSpec[];

  /** @throws DiffusionError `unsupported` if a kernel that is not lazy is missing */
  constructor(kernels: Kernels, specs: readonly KernelSpec[], { steps, control }: ProgramOptions) {
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

  launches(counts: PassCounts): Uint32Array {
    return launchWords(this.#bound, counts);
  }

  dispose(): void {}
}

function runs(spec: KernelSpec, counts: PassCounts): boolean {
  const [x, y = 1] = spec.workgroups(counts);
  return x > 0 && y > 0;
}

function missingKernel({ name, forms }: KernelSpec): DiffusionError {
  const kernels = [...new Set(forms.map(({ kernel }) => kernel))].join(", ");
  return new DiffusionError("unsupported", `Cannot compute '${name}' as CUDA has no kernel '${kernels}'`);
}
