/** The decoders that have a kernel in shaders/commit, and their parameters as its words. */
import { transferShare } from "../../core/decode/dreamSchedule.ts";
import { decoders } from "../../core/decode/index.ts";
import { linearQuota } from "../../core/decode/linearSchedule.ts";
import { floatBits, none } from "./layout/descriptor.ts";
import { type ShaderName, shaderNames } from "./shaderText.ts";

/** Tokens that may have credit at a position: one more a step, so a block of so many positions never needs more. */
export const mostCredits = 64;
/** Words that decoders may keep by position of the pool: credits need two each, and two counts. */
export const memoryWords = 2 + 2 * mostCredits;

export interface DeviceDecoder {
  readonly name: string;
  /** How requests name it; 0 is none. */
  readonly number: number;
  readonly shader: ShaderName;
  readonly known: boolean;
}

export const deviceDecoders: ReadonlyMap<string, DeviceDecoder> = new Map(
  decoders.flatMap(({ name, needs }, index) => {
    const shader = shaderNames.find((each) => each === `commit/${name}`);
    const known = needs?.includes("known") ?? false;
    return shader ? [[name, { name, number: index + 1, shader, known }]] : [];
  }),
);

type Values = Readonly<Record<string, unknown>>;

/** How far a block is. */
export interface BlockStep {
  /** Decode steps of the block before this one. */
  readonly step: number;
  readonly maskedAtStart: number;
}

export function parameterWords(name: string, values: Values, at: BlockStep): readonly number[] {
  if (name === "dreamSchedule") return dreamWords(values, at);
  if (name === "linearSchedule") return linearWords(values, at);
  const { parameters } = decoders.find((decoder) => decoder.name === name)!;
  return Object.entries(parameters).map(([key, parameter]) => {
    const value = values[key];
    if (value === null) return none;
    if (parameter.kind === "boolean") return Number(value);
    if (parameter.kind === "choice") return parameter.choices.indexOf(value as never);
    return parameter.integer ? Math.min(Number(value), none) : floatBits(Number(value));
  });
}

/** The schedule's share of a step is the host's to compute, as WGSL's division is not exact. */
function dreamWords({ steps, eps, order, algTemperature }: Values, { step }: BlockStep): readonly number[] {
  const share = transferShare(step, Number(steps), Number(eps));
  const index = ["probability", "margin", "entropy"].indexOf(String(order));
  return [floatBits(share ?? 2), index, floatBits(Number(algTemperature))];
}

/** The step's quota follows from the steps before it, so the host counts it. */
function linearWords(
  { steps, order, rounding }: Values,
  { step, maskedAtStart }: BlockStep,
): readonly number[] {
  const settings = { steps: Number(steps), rounding: rounding === "kept" ? "kept" : "committed" } as const;
  return [linearQuota(maskedAtStart, step, settings), order === "entropy" ? 1 : 0];
}
