/**
 * Every shader with every combination of its includes' forms, through the WGSL compiler at hand: no variant may be one
 * that only another compiler takes. What there is follows from the shaders themselves.
 */
import { shaderSources } from "../../src/backends/webgpu/shaders.generated.ts";
import {
  type ShaderName,
  type ShaderVariant,
  shaderNames,
  shaderText,
} from "../../src/backends/webgpu/shaderText.ts";
import type { Suite } from "./suite.ts";

const sources: Readonly<Record<string, string>> = shaderSources;

/** The forms of an include: '' is the plain one. */
function formsOf(include: string): readonly string[] {
  const key = `include/${include}`;
  return Object.keys(sources)
    .filter((name) => name === key || name.startsWith(`${key}.`))
    .map((name) => name.slice(key.length + 1));
}

function includesOf(source: string): readonly string[] {
  return [...source.matchAll(/^\/\/ include: ([\w-]+)$/gm)].map((match) => match[1]!);
}

/** All variants of a shader, includes of includes among them. */
export function variantsOf(name: ShaderName): readonly ShaderVariant[] {
  const complete: ShaderVariant[] = [];
  const widen = (variant: ShaderVariant) => {
    const missing = missingInclude(sources[name]!, variant);
    if (missing === undefined) complete.push(variant);
    else for (const form of formsOf(missing)) widen({ ...variant, [missing]: form });
  };
  widen({});
  return complete;
}

/** An include with several forms of which none is chosen yet. */
function missingInclude(source: string, variant: ShaderVariant): string | undefined {
  for (const include of includesOf(source)) {
    const forms = formsOf(include);
    if (forms.length === 0) throw new Error(`There is no include '${include}'`);
    const isPlain = forms.length === 1 && forms[0] === "";
    if (!isPlain && variant[include] === undefined) return include;
    const form = variant[include];
    const found = missingInclude(sources[`include/${include}${form ? `.${form}` : ""}`]!, variant);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What variants need that not every device, or compiler, has. */
export function featuresOf(variant: ShaderVariant): readonly string[] {
  return Object.entries(variant).flatMap(([include, form]) => {
    const source = sources[`include/${include}${form ? `.${form}` : ""}`]!;
    return [...source.matchAll(/^(?:enable|requires) (\w+);$/gm)].map((match) => match[1]!);
  });
}

/** Values of overrides that must have one, several where kernels are made with several. */
const values: Readonly<Record<string, readonly number[]>> = {
  lanes: [256, 64, 1],
  tile_m: [16, 32],
  tile_n: [64, 32],
  tile_q: [16, 8],
  tile_keys: [32, 8],
  tile_rows: [16],
  width: [64, 32],
  experts: [64],
  groups: [8, 1],
  top_groups: [4, 1],
  decoder: [1],
};
/** Made in one size only. */
const fixedLanes: Readonly<Record<string, readonly number[]>> = { distribution: [256] };

/** Sets of overrides: the first, second, ... value of each, and switches off, then on. */
export function constantsOf(name: ShaderName, code: string): readonly Readonly<Record<string, number>>[] {
  const overrides = [...code.matchAll(/^override (\w+)(?:: \w+)?( = \w+)?;/gm)];
  const choices = overrides.map((match) => {
    const [, key, initial] = match as unknown as [string, string, string | undefined];
    if (initial) return [key, [0, 1]] as const;
    const own = (key === "lanes" && fixedLanes[name]) || values[key];
    if (!own) throw new Error(`The test knows no value of '${key}' in shader '${name}'`);
    return [key, own] as const;
  });
  const count = Math.max(1, ...choices.map(([, all]) => all.length));
  return Array.from({ length: count }, (_, index) =>
    Object.fromEntries(choices.map(([key, all]) => [key, all[Math.min(index, all.length - 1)]!])),
  );
}

export interface ShaderSuiteOptions {
  /** Opens WebGPU; the adapter's features say which variants are compiled. */
  open(): Promise<GPU | undefined>;
  /** WGSL extensions whose variants are compiled, the adapter having them. */
  readonly enables: readonly string[];
  /** Whether pipelines are made too, with overrides: long on software adapters. */
  readonly pipelines: boolean;
}

/** Variants that every compiler must take. */
export function portableShaderSuite(open: ShaderSuiteOptions["open"]): Suite {
  return shaderSuite({ open, enables: [packedDots], pipelines: false });
}

export function shaderSuite({ open, enables, pipelines }: ShaderSuiteOptions): Suite {
  let device: Promise<GPUDevice> | undefined;
  const openOnce = () => {
    device ??= makeDevice(open, enables);
    return device;
  };
  const cases = shaderNames.map((name) => {
    const variants = variantsOf(name).filter((each) => featuresOf(each).every((f) => enables.includes(f)));
    const run = async () => {
      const own = await openOnce();
      if (variants.length === 0) throw new Error("The shader has no variant");
      for (const variant of variants) await compile(own, name, variant, pipelines);
    };
    return { name: `${name}, ${variants.length} variants`, run };
  });
  return { name: "shaders", cases, end: async () => (await device)?.destroy() };
}

/** Of the language, not of a device: every runtime of the tests has it. */
export const packedDots = "packed_4x8_integer_dot_product";

const featureNames: Readonly<Record<string, string>> = { f16: "shader-f16", subgroups: "subgroups" };

async function makeDevice(open: ShaderSuiteOptions["open"], enables: readonly string[]): Promise<GPUDevice> {
  const gpu = await open();
  const adapter = await gpu?.requestAdapter();
  if (!adapter) throw new Error("This runtime has no WebGPU");
  const { maxComputeWorkgroupStorageSize, maxStorageBuffersPerShaderStage } = adapter.limits;
  return adapter.requestDevice({
    requiredFeatures: enables.flatMap((enable) => featureNames[enable] ?? []) as GPUFeatureName[],
    requiredLimits: { maxComputeWorkgroupStorageSize, maxStorageBuffersPerShaderStage },
  });
}

async function compile(
  device: GPUDevice,
  name: ShaderName,
  variant: ShaderVariant,
  pipelines: boolean,
): Promise<void> {
  const code = shaderText(name, variant);
  const what = `${name} ${JSON.stringify(variant)}`;
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ code });
  const { messages } = await module.getCompilationInfo();
  const error = await device.popErrorScope();
  const told = messages
    .filter(({ type }) => type === "error")
    .map((each) => `${each.lineNum}: ${each.message}`);
  if (error || told.length > 0) throw new Error(`${what}: ${told.join("; ") || error?.message}`);
  if (!pipelines) return;
  for (const constants of constantsOf(name, code)) {
    try {
      await device.createComputePipelineAsync({ layout: "auto", compute: { module, constants } });
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${what} ${JSON.stringify(constants)}: ${message}`, { cause });
    }
  }
}
