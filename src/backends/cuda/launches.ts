/** Lists of kernels as words for the native part; native/src/engine/programs.h describes the words. */
import { bug } from "../../core/error.ts";
import type { DeviceBuffer } from "../gpu/buffer.ts";
import type { KernelForm, KernelSpec } from "../gpu/kernel.ts";
import type { PassCounts } from "../gpu/layout/descriptor.ts";
import type { Addon } from "./addon.ts";

/** A buffer of the native part. */
export interface NativeBuffer extends DeviceBuffer {
  readonly id: number;
}

/** Types of weights and of the K/V pool, in the order of native/src/kernels/kernel.h. */
const dtypes = ["f32", "f16", "bf16", "q8_0", "q4_0", "q4_k", "q6_k", "bf16_tiles", "bf16_pairs"];

/** One form of a kernel: the words that do not depend on the pass. */
interface Launch {
  readonly index: number;
  /** From the dtype on. */
  readonly words: readonly number[];
}

export type Kernels = Addon["kernels"];

/** A kernel of a list, by form. */
export interface BoundKernel {
  readonly spec: KernelSpec;
  readonly launches: readonly Launch[];
}

/** @returns undefined if the native part has no such kernel */
export function boundKernel(kernels: Kernels, spec: KernelSpec): BoundKernel | undefined {
  const launches = spec.forms.map((form) => launchOf(kernels, spec, form));
  return launches.some((launch) => launch === undefined)
    ? undefined
    : { spec, launches: launches as readonly Launch[] };
}

function launchOf(kernels: Kernels, spec: KernelSpec, form: KernelForm): Launch | undefined {
  const index = kernels.findIndex(({ name }) => name === form.kernel);
  if (index < 0) return undefined;
  const parameters = [...constantsOf(kernels[index]!.constants, form), ...spec.params];
  const buffers = spec.bindings.flatMap(({ buffer, offset }) => {
    if (offset % 4 !== 0) throw bug(`Kernel '${spec.name}' binds a part that begins within a word`);
    return [(buffer as NativeBuffer).id, offset / 4];
  });
  const words = [dtypeOf(spec, form), parameters.length, spec.bindings.length, ...parameters, ...buffers];
  return { index, words };
}

function constantsOf(names: string, { kernel, constants = {} }: KernelForm): readonly number[] {
  return names
    .split(" ")
    .filter(Boolean)
    .map((name) => {
      // A mark follows the name of a constant that is 0 where no form has it.
      const value = name.endsWith("?") ? (constants[name.slice(0, -1)] ?? 0) : constants[name];
      if (value === undefined) throw bug(`Kernel '${kernel}' takes a constant '${name}', which no form has`);
      return Number(value);
    });
}

function dtypeOf({ bindings }: KernelSpec, { kernel, variant = {} }: KernelForm): number {
  const { weights, packs, cache } = variant;
  const weight = bindings.find(({ form }) => form === "tiles" || form === "pairs");
  const name = weight ? `bf16_${weight.form}` : (weights ?? packs ?? cache ?? "f32");
  const number = dtypes.indexOf(name);
  if (number < 0) throw bug(`Kernel '${kernel}' has no form for ${name}`);
  return number;
}

/** The launches of a pass, and the names of their kernels' specifications. */
export function launchesOf(
  kernels: readonly BoundKernel[],
  counts: PassCounts,
): { readonly words: Uint32Array; readonly names: readonly string[] } {
  const words: number[] = [];
  const names: string[] = [];
  for (const { spec, launches } of kernels) {
    const [x, y = 1] = spec.workgroups(counts);
    if (x === 0 || y === 0) continue;
    const { index, words: own } = launches[spec.selectForm?.(counts) ?? 0]!;
    words.push(index, x, y, ...own);
    names.push(spec.name);
  }
  return { words: Uint32Array.from(words), names };
}
