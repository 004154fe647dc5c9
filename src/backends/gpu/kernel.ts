/** Kernels as an op specifies them: the same on every device. */
import type { DeviceBuffer } from "./buffer.ts";
import type { PassCounts } from "./layout/descriptor.ts";

export type Access = "read" | "write";
/** A part of a buffer, and its access in the kernel. Within a kernel, parts of one buffer have the same access. */
export interface Binding {
  readonly buffer: DeviceBuffer;
  readonly offset: number;
  readonly bytes: number;
  readonly access: Access;
  /**
   * Present where the part is arranged for tensor cores: `bf16` for activations that only they read, `tiles` and `pairs` for weights
   * in bf16 (native/src/kernels/tiles.cuh).
   */
  readonly form?: "bf16" | "tiles" | "pairs";
}

export function whole(buffer: DeviceBuffer, access: Binding["access"]): Binding {
  return { buffer, offset: 0, bytes: buffer.size, access };
}

export type WorkgroupCount = readonly [x: number, y?: number];

/** The forms of a kernel's parts, by part: `{ weights: "bf16" }`. */
export type KernelVariant = Readonly<Record<string, string>>;

/** One form of a kernel: its name, the forms of its parts, and constants at compile time. */
export interface KernelForm {
  readonly kernel: string;
  readonly variant?: KernelVariant;
  readonly constants?: Readonly<Record<string, number>>;
}

/**
 * - `reads`: the kernel reads the descriptor, as most do.
 * - `decides`: it also reads and writes the control buffer.
 * - `plans`: it writes the descriptor, and reads and writes the control buffer.
 */
export type StepAccess = "reads" | "decides" | "plans";

export interface KernelSpec {
  /** The node and the part of it that the kernel computes, for profiles and errors. */
  readonly name: string;
  /** Forms with the same results, which differ in speed. */
  readonly forms: readonly KernelForm[];
  /** The index of the form for a pass; without it, the first. */
  selectForm?(counts: PassCounts): number;
  /** Words of the uniform `p`, in order. */
  readonly params: Uint32Array;
  readonly bindings: readonly Binding[];
  /** Workgroups of a pass; none if a dimension is 0. */
  workgroups(counts: PassCounts): WorkgroupCount;
  /** What the kernel does with the descriptor of the step and with the control buffer. */
  readonly step?: StepAccess;
  /** Whether the kernel is compiled when a pass first needs it, and not ahead: for kernels that few requests need. */
  readonly lazy?: boolean;
}

/** Words of a uniform: unsigned integers, and floats as `float(value)`. */
export function params(...words: readonly (number | { readonly f32: number })[]): Uint32Array {
  const all = new Uint32Array(Math.ceil(words.length / 4) * 4);
  const floats = new Float32Array(all.buffer);
  words.forEach((word, index) => {
    if (typeof word === "number") all[index] = word;
    else floats[index] = word.f32;
  });
  return all;
}
export const float = (f32: number) => ({ f32 });
