/**
 * The safetensors container: 8 bytes of header length, a JSON header that names every tensor, then the data.
 * A checkpoint is untrusted, and damage is silent (a wrong offset gives wrong numbers), so the header must account for
 * every byte of the file exactly once.
 * Source: https://huggingface.co/docs/safetensors
 */
import { DiffusionError, found } from "../error.ts";
import { isJsonObject } from "../jsonObject.ts";
import { type DType, dtypeBytes, dtypeInfo, type Shape } from "../tensor/dtype.ts";
import { parseJson } from "./json.ts";
import { readExactly } from "./readExactly.ts";
import type { ByteSource } from "./source.ts";

/** A tensor of a checkpoint: row-major elements, little-endian. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly source: ByteSource;
  /** From the source's start, in bytes. */
  readonly offset: number;
  readonly bytes: number;
}

const lengthBytes = 8;
/** Contains the header of most files, so that one request suffices. */
const firstReadBytes = 2 ** 16;
/** The limit of the reference implementation. */
const maxHeaderBytes = 100_000_000;
const openingBrace = 0x7b;

const dtypes: ReadonlyMap<string, DType> = new Map([
  ["F64", "f64"],
  ["F32", "f32"],
  ["F16", "f16"],
  ["BF16", "bf16"],
  ["I64", "i64"],
  ["I32", "i32"],
  ["I8", "i8"],
  ["U32", "u32"],
  ["U8", "u8"],
]);

/**
 * Reads the header alone. Tensors are in the order of their bytes.
 * @throws DiffusionError `invalid-file` if the file breaks a rule of the format, `unsupported` for element types
 *   that unmask cannot read, `io`, `aborted`
 */
export async function readSafetensorsHeader(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<TensorEntry[]> {
  const start = await readExactly(source, 0, Math.min(firstReadBytes, source.size), signal);
  const headerBytes = headerLength(start, source);
  const dataStart = lengthBytes + headerBytes;
  const bytes =
    dataStart <= start.length
      ? start.subarray(lengthBytes, dataStart)
      : await readExactly(source, lengthBytes, headerBytes, signal);
  if (bytes[0] !== openingBrace) {
    throw damaged(source.name, `its header must begin with '{': found byte ${bytes[0]}`);
  }
  const header = parseJson(bytes, source.name, { uniqueKeys: true });
  const tensors: TensorEntry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") assertMetadata(value, source.name);
    else tensors.push(tensorEntry(name, value, source, dataStart));
  }
  return inOrder(tensors, dataStart, source);
}

/** @param start the first bytes of the file */
function headerLength(start: Uint8Array, source: ByteSource): number {
  if (source.size < lengthBytes) {
    throw damaged(source.name, `it is too short for a safetensors file: found ${source.size} bytes`);
  }
  const claimed = new DataView(start.buffer, start.byteOffset, lengthBytes).getBigUint64(0, true);
  const available = source.size - lengthBytes;
  if (claimed > maxHeaderBytes) {
    throw damaged(source.name, `its header may have at most ${maxHeaderBytes} bytes: found ${claimed}`);
  }
  if (claimed > available) {
    throw damaged(
      source.name,
      `its header of ${claimed} bytes does not fit: found ${available} bytes after the length`,
    );
  }
  return Number(claimed);
}

function tensorEntry(name: string, value: unknown, source: ByteSource, dataStart: number): TensorEntry {
  const fail = (why: string) => damaged(source.name, `tensor ${found(name)} ${why}`);
  if (!isJsonObject(value)) throw fail(`must be a JSON object: found ${kindOf(value)}`);
  const shape = value["shape"];
  if (!isCounts(shape)) throw fail(`must have a shape of non-negative integers: found ${kindOf(shape)}`);
  const dtype = knownDType(name, value["dtype"], source.name, fail);
  const { blockBytes } = dtypeInfo(dtype);
  let elements = 1;
  for (const dimension of shape) {
    elements *= dimension;
    if (!Number.isSafeInteger(elements * blockBytes)) {
      throw fail(`is larger than any file: found shape ${found(shape)}`);
    }
  }
  const bytes = dtypeBytes(dtype, elements);
  const offsets = value["data_offsets"];
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw fail(`must have two non-negative integers as data_offsets: found ${kindOf(offsets)}`);
  }
  const [start = 0, end = 0] = offsets;
  const dataBytes = source.size - dataStart;
  if (start > end || end > dataBytes) {
    throw fail(`must have data_offsets in order and within ${dataBytes} bytes: found ${found(offsets)}`);
  }
  if (end - start !== bytes) {
    throw fail(`needs ${bytes} bytes for ${dtype} of shape ${found(shape)}: found ${end - start}`);
  }
  return { name, dtype, shape, source, offset: dataStart + start, bytes };
}

function knownDType(
  name: string,
  value: unknown,
  fileName: string,
  fail: (why: string) => DiffusionError,
): DType {
  if (typeof value !== "string") throw fail(`must have a dtype: found ${kindOf(value)}`);
  const dtype = dtypes.get(value);
  if (dtype === undefined) {
    throw new DiffusionError(
      "unsupported",
      `Cannot read '${fileName}' as the dtype of tensor ${found(name)} is not supported: found ${found(value)}`,
    );
  }
  return dtype;
}

/** Sorts by position and checks that the tensors tile the data: no overlap, no hole, nothing after them. */
function inOrder(tensors: TensorEntry[], dataStart: number, { name, size }: ByteSource): TensorEntry[] {
  // An empty tensor precedes another one at the same offset.
  tensors.sort((a, b) => a.offset - b.offset || a.bytes - b.bytes);
  let expected = dataStart;
  for (const tensor of tensors) {
    if (tensor.offset !== expected) {
      const flaw = tensor.offset < expected ? "overlaps the one before it" : "leaves a hole before it";
      throw damaged(
        name,
        `tensor ${found(tensor.name)} ${flaw}: found start ${tensor.offset - dataStart} instead of ${expected - dataStart}`,
      );
    }
    expected += tensor.bytes;
  }
  if (expected !== size) {
    throw damaged(name, `its tensors must fill it: found ${size - expected} bytes after the last one`);
  }
  return tensors;
}

function assertMetadata(value: unknown, fileName: string): void {
  if (isJsonObject(value) && Object.values(value).every((text) => typeof text === "string")) return;
  throw damaged(fileName, `its __metadata__ must map strings to strings: found ${kindOf(value)}`);
}

/** Non-negative integers that a double represents exactly. */
function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0 && !Object.is(n, -0));
}

/** For errors: scalars and flat arrays in full, deeper values (whose text has no bound) by kind. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return value.some((n) => typeof n === "object") ? "a nested array" : found(value);
  return isJsonObject(value) ? "an object" : found(value);
}

function damaged(fileName: string, why: string): DiffusionError {
  return new DiffusionError("invalid-file", `Cannot read '${fileName}' as ${why}`);
}
