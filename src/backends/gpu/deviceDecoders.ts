/** The decoders that a device has a kernel of, and their parameters as its words. */
import type { Parameters } from "../../core/declare/index.ts";
import { type Decoder, decoders, type KernelValue, type ScheduleView } from "../../core/decode/index.ts";
import { constants, floatBits } from "../layout/index.ts";

export interface DeviceDecoder {
  readonly declaration: Decoder;
  /** The number in head requests. */
  readonly number: number;
  /** The name of its kernel. */
  readonly kernel: string;
}

/** By name. The kernel of decoder `name` is `commit/name`. @param kernels names of the device's kernels */
export function deviceDecodersOf(kernels: readonly string[]): ReadonlyMap<string, DeviceDecoder> {
  return new Map(
    decoders.flatMap((declaration, index) => {
      const kernel = `commit/${declaration.name}`;
      return kernels.includes(kernel) ? [[declaration.name, { declaration, number: index + 1, kernel }]] : [];
    }),
  );
}

/** Whether the kernel also looks at generated positions of the block that hold a token, and may overwrite them. */
export function edits({ declaration }: DeviceDecoder): boolean {
  return declaration.needs?.includes("known") ?? false;
}

/** Whether the kernel reads the logits of tokens that it lists. */
export function gathers({ declaration }: DeviceDecoder): boolean {
  return declaration.kernel?.gatheredTokens !== undefined;
}

/** Maximum tokens whose logits the kernel reads at a position after this many steps of a block. */
export function gatheredTokens({ declaration }: DeviceDecoder, steps: number): number {
  return Math.min(declaration.kernel?.gatheredTokens?.(steps) ?? 0, constants.maxGatheredTokens);
}

/** Whether what the kernel keeps for a block of this length fits the position memory. */
export function fitsMemory({ declaration: { kernel } }: DeviceDecoder, blockLength: number): boolean {
  const words = kernel?.positionWords?.(blockLength) ?? 0;
  const tokens = kernel?.gatheredTokens?.(blockLength) ?? 0;
  return words <= constants.maxPositionWords && tokens <= constants.maxGatheredTokens;
}

type Values = Readonly<Record<string, unknown>>;

/** The parameters of a decoder's kernel in a step, as words. */
export function parameterWords(
  { declaration }: DeviceDecoder,
  values: Values,
  view: Omit<ScheduleView, "open">,
): readonly number[] {
  return Object.values(kernelParameters(declaration, values, view)).map((value) => {
    if (value === null) return constants.none;
    return typeof value === "number" ? Math.min(value, constants.none) : floatBits(value.f32);
  });
}

/** The parameters of a decoder's kernel in a step, by name. */
export function kernelParameters(
  { kernel, parameters }: Decoder,
  values: Values,
  view: Omit<ScheduleView, "open">,
): Readonly<Record<string, KernelValue>> {
  if (kernel?.parameters) return kernel.parameters(values as never, view);
  const entries = Object.entries(parameters).map(([name, parameter]) => {
    return [name, kernelValue(parameter, values[name])] as const;
  });
  return Object.fromEntries(entries);
}

function kernelValue(parameter: Parameters[string], value: unknown): KernelValue {
  if (value === null) return null;
  if (parameter.kind === "boolean") return Number(value);
  if (parameter.kind === "choice") return parameter.choices.indexOf(value as never);
  return parameter.integer ? Number(value) : { f32: Number(value) };
}
