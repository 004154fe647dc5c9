/** A list of bound kernels, recorded for each pass. */
import type { PrepareOptions } from "../../core/tensor/index.ts";
import type { Program } from "../gpu/device.ts";
import type { KernelSpec, StepAccess } from "../gpu/kernel.ts";
import type { PassCounts } from "../gpu/layout/descriptor.ts";
import type { Bound, Kernels } from "./pipelines.ts";
import type { Profiler } from "./profiler.ts";

export type StepGroups = Readonly<Record<StepAccess, GPUBindGroup>>;

export interface Recording {
  /** Where the step's descriptor begins, in bytes. */
  readonly stepOffset: number;
  readonly profiler?: Profiler | undefined;
}

export class DispatchList implements Program {
  readonly #kernels: Kernels;
  readonly #groups: StepGroups;
  readonly #dispatches: Bound["dispatches"];
  readonly #uniforms: GPUBuffer;

  /**
   * Binds all programs. If one fails, the others are disposed.
   * @param onCompiled as in PrepareOptions
   */
  static async bindAll(
    kernels: Kernels,
    groups: StepGroups,
    lists: readonly (readonly KernelSpec[])[],
    onCompiled: PrepareOptions["onCompiled"],
  ): Promise<readonly DispatchList[]> {
    let over = false;
    kernels.compileAll(lists.flat(), (compiled, all) => {
      if (!over) onCompiled?.(compiled, all);
    });
    const bound = await Promise.allSettled(lists.map((specs) => kernels.bind(specs)));
    over = true;
    const failed = bound.find((each) => each.status === "rejected");
    const programs = bound.flatMap((each) => {
      return each.status === "fulfilled" ? [new DispatchList(kernels, groups, each.value)] : [];
    });
    if (!failed) return programs;
    for (const program of programs) program.dispose();
    throw failed.reason;
  }

  private constructor(kernels: Kernels, groups: StepGroups, { dispatches, uniforms }: Bound) {
    this.#kernels = kernels;
    this.#groups = groups;
    this.#dispatches = dispatches;
    this.#uniforms = uniforms;
  }

  /** Compiles the pipelines that passes with these counts need and that are still missing; undefined if none are. */
  compileMissing(all: readonly PassCounts[]): Promise<void> | undefined {
    const wanted = this.#dispatches.filter(
      ({ spec, pipelines }) => pipelines.length === 0 && all.some((counts) => runs(spec, counts)),
    );
    if (wanted.length === 0) return undefined;
    return Promise.all(
      wanted.map(async (dispatch) => {
        dispatch.pipelines = await this.#kernels.compile(dispatch.spec);
      }),
    ).then(() => {});
  }

  /** Records the dispatches of one step: in one compute pass, or with a profiler in one each. */
  record(encoder: GPUCommandEncoder, counts: PassCounts, { stepOffset, profiler }: Recording): void {
    let bound: StepAccess | undefined;
    let pass = profiler ? undefined : encoder.beginComputePass();
    const offsets = [stepOffset];
    for (const { spec, pipelines, group } of this.#dispatches) {
      const [x, y = 1] = spec.workgroups(counts);
      if (x === 0 || y === 0) continue;
      if (profiler) {
        pass?.end();
        pass = encoder.beginComputePass(profiler.pass(spec.forms[0]!.kernel));
        bound = undefined;
      }
      if (!pass) break;
      const access = spec.step ?? "reads";
      if (access !== bound) {
        pass.setBindGroup(0, this.#groups[access], offsets);
        bound = access;
      }
      pass.setPipeline(pipelines[spec.selectForm?.(counts) ?? 0]!);
      pass.setBindGroup(1, group);
      pass.dispatchWorkgroups(x, y);
    }
    pass?.end();
  }

  dispose(): void {
    this.#uniforms.destroy();
  }
}

function runs(spec: KernelSpec, counts: PassCounts): boolean {
  const [x, y = 1] = spec.workgroups(counts);
  return x > 0 && y > 0;
}
