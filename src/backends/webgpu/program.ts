/** A Plan's kernels, bound, and how a pass of them is recorded. */
import type { PassCounts } from "./descriptor.ts";
import type { Dispatch } from "./kernel.ts";

export interface StepGroups {
  readonly reads: GPUBindGroup;
  readonly decides: GPUBindGroup;
}

/** Records the dispatches of one step into a pass. @returns how many there were */
export function record(
  pass: GPUComputePassEncoder,
  dispatches: readonly Dispatch[],
  counts: PassCounts,
  groups: StepGroups,
  stepOffset: number,
): number {
  let recorded = 0;
  let decides: boolean | undefined;
  const offsets = [stepOffset];
  for (const { spec, pipelines, group } of dispatches) {
    const [x, y = 1] = spec.size(counts);
    if (x === 0 || y === 0) continue;
    const own = spec.decides ?? false;
    if (own !== decides) {
      pass.setBindGroup(0, own ? groups.decides : groups.reads, offsets);
      decides = own;
    }
    pass.setPipeline(pipelines[spec.pick?.(counts) ?? 0]!);
    pass.setBindGroup(1, group);
    pass.dispatchWorkgroups(x, y);
    recorded++;
  }
  return recorded;
}
