/**
 * Matches what a model's Plan needs with what a checkpoint has, both ways: a weight that nothing fills and a tensor
 * that nothing reads are errors alike, because either means that the model is not the one that was trained.
 */
import { bug, DiffusionError, found } from "../error.ts";
import { type DType, dtypeBytes, elementCount, type Shape } from "../tensor/dtype.ts";
import type { WeightEntry, WeightPart, WeightPiece, WeightSpec } from "../tensor/weight.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { TensorEntry } from "./safetensors.ts";

export interface ResolveOptions {
  /** Tensors that may be left unread, such as rotary inverse frequencies that are computed instead. */
  readonly ignore?: readonly RegExp[];
}

/**
 * The entries that a backend loads, in the order of the specs. One tensor may serve several of them.
 * @throws DiffusionError `invalid-weights` if a tensor is missing, of another shape or dtype, or left over;
 *   `internal` if a spec's own parts do not add up to its shape
 */
export function resolveWeights(
  specs: readonly WeightSpec[],
  checkpoint: Checkpoint,
  { ignore = [] }: ResolveOptions = {},
): WeightEntry[] {
  const needed = new Set(specs.flatMap((spec) => spec.parts.map((part) => part.tensor)));
  assertNoneMissing(needed, checkpoint);
  const entries = specs.map((spec) => resolveWeight(spec, checkpoint));
  assertNoneLeft(needed, checkpoint, ignore);
  if (new Set(specs.map((spec) => spec.symbol)).size < specs.length) {
    throw bug(`Cannot load weights as every symbol must be declared once: found ${specs.length} specs`);
  }
  return entries;
}

function resolveWeight(spec: WeightSpec, checkpoint: Checkpoint): WeightEntry {
  let count = 0;
  const pieces = spec.parts.map((part) => {
    const tensor = checkpoint.tensors.get(part.tensor)!;
    assertMatches(tensor, part.shape);
    const piece = partPiece(part, tensor);
    count += piece.bytes / dtypeBytes(piece.dtype);
    // A transposed spec has the right count; its rows do not have the right width.
    const widths = [spec.shape, part.shape].filter((shape) => shape.length > 1).map((shape) => shape.at(-1));
    if (widths.length === 2 && widths[0] !== widths[1])
      throw misfit(spec, `rows of '${part.tensor}'`, widths[1]);
    return piece;
  });
  if (count !== elementCount(spec.shape)) throw misfit(spec, "its parts", count);
  return { symbol: spec.symbol, shape: spec.shape, fusedGateUp: spec.fusedGateUp, pieces };
}

function partPiece({ rows, shape }: WeightPart, tensor: TensorEntry): WeightPiece {
  const { source, dtype, name } = tensor;
  if (!rows) return { source, dtype, tensor: name, offset: tensor.offset, bytes: tensor.bytes };
  const rowCount = shape[0] ?? 0;
  const { start, end } = rows;
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || start > end || end > rowCount) {
    throw bug(`Cannot slice '${name}' as its rows must lie in 0 to ${rowCount}: found ${start} to ${end}`);
  }
  const rowBytes = dtypeBytes(dtype, elementCount(shape.slice(1)));
  const offset = tensor.offset + start * rowBytes;
  return { source, dtype, tensor: name, offset, bytes: (end - start) * rowBytes };
}

function assertMatches(tensor: TensorEntry, shape: Shape): void {
  if (tensor.shape.length !== shape.length || tensor.shape.some((dimension, i) => dimension !== shape[i])) {
    throw invalid(`'${tensor.name}' must have the shape ${found(shape)}: found ${found(tensor.shape)}`);
  }
  if (!isWeightDType(tensor.dtype)) {
    throw invalid(`'${tensor.name}' must be of f32, f16 or bf16: found ${tensor.dtype}`);
  }
}

function isWeightDType(dtype: DType): boolean {
  return dtype === "f32" || dtype === "f16" || dtype === "bf16";
}

function assertNoneMissing(needed: ReadonlySet<string>, { tensors }: Checkpoint): void {
  const missing = [...needed].filter((name) => !tensors.has(name));
  if (missing.length > 0) {
    throw invalid(
      `'${missing[0]}' is missing: found ${needed.size - missing.length} of ${needed.size} tensors`,
    );
  }
}

function assertNoneLeft(
  needed: ReadonlySet<string>,
  { tensors }: Checkpoint,
  ignore: readonly RegExp[],
): void {
  // search() and not test(): it does not depend on where a global pattern last matched.
  const left = [...tensors.keys()].filter(
    (name) => !needed.has(name) && !ignore.some((p) => name.search(p) >= 0),
  );
  if (left.length === 0) return;
  const names = left.slice(0, 3).map((name) => `'${name}'`);
  if (left.length > names.length) names.push(`${left.length - names.length} more`);
  const tensorCount = left.length === 1 ? "1 tensor" : `${left.length} tensors`;
  throw invalid(`the model has no place for ${names.join(", ")}: found ${tensorCount} too many`);
}

function invalid(why: string): DiffusionError {
  return new DiffusionError("invalid-weights", `Cannot load weights as ${why}`);
}

function misfit(spec: WeightSpec, what: string, value: unknown): DiffusionError {
  return bug(
    `Cannot load '${spec.symbol}' as ${what} must fill the shape ${found(spec.shape)}: found ${value}`,
  );
}
