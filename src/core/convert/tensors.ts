/** The tensors of a converted checkpoint, and the parts of the source that each is made of. */
import { bug } from "../error.ts";
import { type Model, type TensorNames, weightSpecs } from "../model/index.ts";
import type { WeightEntry, WeightPart, WeightSpec, WeightTransform } from "../tensor/index.ts";
import { type DType, dtypeBytes, elementCount, type QuantizedDType, type Shape } from "../tensor/index.ts";
import { type Checkpoint, quantizedDType, resolveWeights } from "../weights/index.ts";

export interface OutputTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly bytes: number;
  /** Its elements in the source, in their order. */
  readonly entry: WeightEntry;
}

export interface OutputOptions {
  /** The type that matrices are quantized to; absent to keep the types of the source. */
  readonly quantize?: QuantizedDType | undefined;
  /** Whether vectors and routers are written in f32, as llama.cpp needs them, or as they are stored. */
  readonly exactVectors: boolean;
}

/**
 * The tensors under other names. Weights are declared once for every naming, so the parts of a weight in the source and in the
 * target correspond one to one.
 * @throws DiffusionError `invalid-weights` if the checkpoint does not fit the model, `internal` if the namings do not match
 */
export function outputTensors(
  model: Model,
  checkpoint: Checkpoint,
  names: TensorNames,
  options: OutputOptions,
): readonly OutputTensor[] {
  const specs = targetSpecs(model.weights, weightSpecs(model.architecture, names));
  const entries = resolveWeights(specs, checkpoint, { ignore: model.ignore });
  return entries.map((entry, index) => {
    const dtype = outputDType(entry, specs[index]!, options);
    const { symbol: name, shape } = entry;
    return { name, shape, dtype, bytes: dtypeBytes(dtype, elementCount(shape)), entry };
  });
}

function outputDType(entry: WeightEntry, spec: WeightSpec, { quantize, exactVectors }: OutputOptions): DType {
  const quantized = quantize && quantizedDType(entry, spec, quantize);
  if (quantized) return quantized;
  const isVector = entry.shape.length === 1;
  if (exactVectors && (isVector || spec.quantization === "never")) return "f32";
  const stored = new Set(entry.pieces.map(({ dtype }) => dtype));
  return isVector && stored.size === 1 ? [...stored][0]! : entry.dtype;
}

/** One spec for each tensor of the target, whose symbol is the tensor's name. */
function targetSpecs(source: readonly WeightSpec[], target: readonly WeightSpec[]): readonly WeightSpec[] {
  const specs = new Map<string, { readonly spec: WeightSpec; readonly parts: WeightPart[] }>();
  for (const [index, { symbol, parts: to, quantization }] of target.entries()) {
    const from = source[index]?.parts ?? [];
    if (from.length !== to.length) {
      throw bug(`Cannot convert '${symbol}' as it must have ${to.length} parts: found ${from.length}`);
    }
    for (const [part, { tensor, shape, transform }] of to.entries()) {
      const known = specs.get(tensor) ?? {
        spec: { symbol: tensor, shape, parts: [], ...(quantization && { quantization }) },
        parts: [],
      };
      specs.set(tensor, known);
      const { transform: stored, ...rest } = from[part]!;
      const change = changeOf(stored, transform);
      known.parts.push({ ...rest, ...(change && { transform: change }) });
    }
  }
  return Array.from(specs.values(), ({ spec, parts }) => ({ ...spec, parts }));
}

/** The change of the stored order of rows into that of the target. */
function changeOf(
  stored: WeightTransform | undefined,
  target: WeightTransform | undefined,
): WeightTransform | undefined {
  if (!target) return stored;
  if (stored?.kind === target.kind) return undefined;
  if (stored || target.kind !== "interleaved") {
    throw bug(`Cannot convert rows from '${stored?.kind}' to '${target.kind}'`);
  }
  return { kind: "halved", groupRows: target.groupRows };
}
