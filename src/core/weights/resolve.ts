/**
 * Matches the weights of a model with the tensors of a checkpoint. A missing tensor and an unused one are both errors:
 * either means that the model is not the one that was trained.
 */
import { bug, type DiffusionError, found } from "../error.ts";
import {
  type DType,
  dtypeInfo,
  elementCount,
  isQuantized,
  type Shape,
  storedWeightDTypes,
} from "../tensor/dtype.ts";
import type { WeightEntry, WeightPiece, WeightSpec } from "../tensor/weight.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { invalidWeights } from "./invalidWeights.ts";
import { pieceOf } from "./pieceOf.ts";
import { type Quantization, quantized } from "./quantized.ts";
import type { TensorEntry } from "./safetensors.ts";

export interface ResolveOptions {
  /** Tensors that may stay unused, such as rotary inverse frequencies, which are computed instead. */
  readonly ignore?: readonly RegExp[];
  /** The type of matrices. Default `none`. */
  readonly quantize?: Quantization;
}

/**
 * The entries that a backend loads, in the order of the specs. A tensor may be a part of several weights.
 * @throws DiffusionError `invalid-weights` if a tensor is missing, of another shape or dtype, or left over;
 *   `unsupported` if nothing can be quantized; `internal` if the parts of a spec do not add up to its shape
 */
export function resolveWeights(
  specs: readonly WeightSpec[],
  checkpoint: Checkpoint,
  { ignore = [], quantize = "none" }: ResolveOptions = {},
): WeightEntry[] {
  const needed = new Set(specs.flatMap((spec) => spec.parts.map((part) => part.tensor)));
  assertNoneMissing(needed, checkpoint);
  const entries = specs.map((spec) => resolveWeight(spec, checkpoint));
  assertNoneLeft(needed, checkpoint, ignore);
  if (new Set(specs.map((spec) => spec.symbol)).size < specs.length) {
    throw bug(`Cannot load weights as every symbol must be declared once: found ${specs.length} specs`);
  }
  return quantize === "none" ? entries : quantized(entries, specs, quantize);
}

function resolveWeight(spec: WeightSpec, checkpoint: Checkpoint): WeightEntry {
  let count = 0;
  const pieces = spec.parts.map((part) => {
    const tensor = checkpoint.tensors.get(part.tensor)!;
    assertMatches(tensor, part.shape);
    const { piece, shape } = pieceOf(part, tensor);
    count += elementCount(shape);
    // The count alone does not detect exchanged dimensions.
    const widths = [spec.shape, shape].filter((each) => each.length > 1).map((each) => each.at(-1));
    if (widths.length === 2 && widths[0] !== widths[1]) {
      throw doesNotFill(spec, `rows of '${part.tensor}'`, widths[1]);
    }
    return piece;
  });
  if (count !== elementCount(spec.shape)) throw doesNotFill(spec, "its parts", count);
  const { symbol, shape, fusedGateUp } = spec;
  return { symbol, shape, dtype: keptDType(shape, pieces), fusedGateUp, pieces };
}

/**
 * The stored type of a matrix. Parts of several types become f32, or q8_0 if all are quantized: files of llama.cpp have
 * queries and keys in fewer bits than values. Vectors are f32.
 */
function keptDType(shape: Shape, pieces: readonly WeightPiece[]): DType {
  const [first, ...others] = new Set(pieces.map(({ dtype }) => dtype));
  if (shape.length < 2 || !first) return "f32";
  if (others.length === 0) return first;
  return [first, ...others].every(isQuantized) ? "q8_0" : "f32";
}

function assertMatches(tensor: TensorEntry, shape: Shape): void {
  if (tensor.shape.length !== shape.length || tensor.shape.some((dimension, i) => dimension !== shape[i])) {
    throw invalidWeights(
      `'${tensor.name}' must have the shape ${found(shape)}: found ${found(tensor.shape)}`,
    );
  }
  if (!storedWeightDTypes.includes(tensor.dtype)) {
    throw invalidWeights(
      `'${tensor.name}' must be of ${storedWeightDTypes.slice(0, -1).join(", ")} or ${storedWeightDTypes.at(-1)}: found ${tensor.dtype}`,
    );
  }
  const { blockElements } = dtypeInfo(tensor.dtype);
  const width = shape.length > 1 ? shape.at(-1)! : 1;
  if (width % blockElements !== 0) {
    throw invalidWeights(
      `'${tensor.name}' must have rows of whole blocks of ${blockElements} elements: found ${tensor.dtype} of shape ${found(shape)}`,
    );
  }
}

function assertNoneMissing(needed: ReadonlySet<string>, { tensors }: Checkpoint): void {
  const missing = [...needed].filter((name) => !tensors.has(name));
  if (missing.length > 0) {
    throw invalidWeights(
      `'${missing[0]}' is missing: found ${needed.size - missing.length} of ${needed.size} tensors`,
    );
  }
}

function assertNoneLeft(
  needed: ReadonlySet<string>,
  { tensors }: Checkpoint,
  ignore: readonly RegExp[],
): void {
  // search() instead of test(), which depends on where a global pattern last matched.
  const left = [...tensors.keys()].filter(
    (name) => !needed.has(name) && !ignore.some((p) => name.search(p) >= 0),
  );
  if (left.length === 0) return;
  const names = left.slice(0, 3).map((name) => `'${name}'`);
  if (left.length > names.length) names.push(`${left.length - names.length} more`);
  const tensorCount = left.length === 1 ? "1 tensor" : `${left.length} tensors`;
  throw invalidWeights(`the model has no place for ${names.join(", ")}: found ${tensorCount} too many`);
}

function doesNotFill(spec: WeightSpec, what: string, value: unknown): DiffusionError {
  return bug(
    `Cannot load '${spec.symbol}' as ${what} must fill the shape ${found(spec.shape)}: found ${value}`,
  );
}
