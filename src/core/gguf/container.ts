/**
 * The GGUF container: counts, metadata, a table of tensors, then their data. `@huggingface/gguf` parses metadata and table.
 * The file is untrusted, and the library neither knows its size nor where tensors end: this file checks the counts before it
 * calls the library, and every extent after it.
 * Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */

import type { ByteSource } from "../byteSource.ts";
import { DiffusionError, found } from "../error.ts";
import { dtypeBytes, dtypeInfo } from "../tensor/dtype.ts";
import { readExactly, type TensorEntry } from "../weights/index.ts";
import { rangeFetch } from "./rangeFetch.ts";
import { dtypeOf, typeName } from "./tensorTypes.ts";

export interface GgufContainer {
  /** Numbers beyond 2^53 are bigints. */
  readonly metadata: ReadonlyMap<string, unknown>;
  /** In the order of their bytes. */
  readonly tensors: readonly TensorEntry[];
}

const magic = 0x46554747;
const fixedBytes = 24;
/** The least bytes of an entry: a tensor with an empty name and no dimensions, a flag with an empty name. */
const minTensorBytes = 24;
const minEntryBytes = 13;
/** LLaDA2.0-flash has 24,000 tensors in a safetensors checkpoint; GGUF stacks experts. */
const maxTensors = 2 ** 17;
const maxEntries = 2 ** 14;
const defaultAlignment = 32;
const maxAlignment = 2 ** 20;
/** ggml's own limit. */
const maxDimensions = 4;

/**
 * Reads metadata and the table of tensors.
 * @throws DiffusionError `invalid-file` if the file breaks a rule of the format, `unsupported` for a version or an element
 *   type that cannot be read, `io`, `aborted`
 */
export async function readGgufContainer(source: ByteSource, signal?: AbortSignal): Promise<GgufContainer> {
  await checkCounts(source, signal);
  // Loaded when it is needed: the package carries tables of the hub's tasks.
  const { gguf } = await import("@huggingface/gguf");
  const adapter = rangeFetch(source, signal);
  let parsed: Awaited<ReturnType<typeof gguf>>;
  try {
    // The library only takes addresses; `fetch` answers for any, and its type is not one of the core's.
    parsed = await gguf("https://source.invalid/", { fetch: adapter as never });
  } catch (cause) {
    throw asDiffusionError(cause, source.name);
  }
  const [, tableEnd] = parsed.tensorInfoByteRange;
  if (tableEnd > source.size) {
    throw damaged(
      source.name,
      `its header must end within its ${source.size} bytes: found an end at ${tableEnd}`,
    );
  }
  const metadata = new Map(
    Object.entries(parsed.metadata).map(([key, value]) => [key, plainNumbers(value)] as const),
  );
  const alignment = alignmentOf(metadata, source.name);
  const dataStart = aligned(tableEnd, alignment);
  const tensors = parsed.tensorInfos.map((info) => tensorEntry(info, source, dataStart));
  requireTiling(tensors, alignment, dataStart, source);
  return { metadata, tensors };
}

/** Checks magic, version and counts: a count that cannot be true would only exhaust the memory. */
async function checkCounts(source: ByteSource, signal: AbortSignal | undefined): Promise<void> {
  const { name, size } = source;
  if (size < fixedBytes) throw damaged(name, `it is too short for a GGUF file: found ${size} bytes`);
  const bytes = await readExactly(source, 0, fixedBytes, signal);
  const view = new DataView(bytes.buffer, bytes.byteOffset, fixedBytes);
  if (view.getUint32(0, true) !== magic) {
    throw damaged(name, `it must begin with 'GGUF': found bytes ${bytes.subarray(0, 4).join(" ")}`);
  }
  const version = view.getUint32(4, true);
  if (version !== 2 && version !== 3) {
    const why = version % 65536 === 0 ? "its byte order is big-endian" : "its version must be 2 or 3";
    throw new DiffusionError("unsupported", `Cannot read '${name}' as ${why}: found version ${version}`);
  }
  const check = (what: string, offset: number, most: number, minBytes: number) => {
    const count = view.getBigUint64(offset, true);
    const limit = Math.min(most, Math.floor((size - fixedBytes) / minBytes));
    if (count > limit) throw damaged(name, `it can have at most ${limit} ${what}: found ${count}`);
  };
  check("tensors", 8, maxTensors, minTensorBytes);
  check("metadata entries", 16, maxEntries, minEntryBytes);
}

function asDiffusionError(cause: unknown, name: string): unknown {
  if (cause instanceof DiffusionError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `Cannot read '${name}' as its header is damaged: found ${found(reason)}`;
  return new DiffusionError("invalid-file", message, { cause });
}

/** Bigints as numbers where these are exact. */
function plainNumbers(value: unknown): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  return Array.isArray(value) && typeof value[0] === "bigint" ? value.map(plainNumbers) : value;
}

function alignmentOf(metadata: ReadonlyMap<string, unknown>, name: string): number {
  const value = metadata.get("general.alignment") ?? defaultAlignment;
  const valid =
    typeof value === "number" && value >= 8 && value <= maxAlignment && Number.isInteger(Math.log2(value));
  if (valid) return value;
  throw damaged(
    name,
    `its 'general.alignment' must be a power of two from 8 to ${maxAlignment}: found ${found(value)}`,
  );
}

const aligned = (offset: number, alignment: number) => Math.ceil(offset / alignment) * alignment;

interface TensorInfo {
  readonly name: string;
  /** Innermost dimension first. */
  readonly shape: readonly bigint[];
  readonly dtype: number;
  /** From the start of the data, in bytes. */
  readonly offset: bigint;
}

function tensorEntry(info: TensorInfo, source: ByteSource, dataStart: number): TensorEntry {
  const { name } = info;
  const fail = (why: string) => damaged(source.name, `tensor ${found(name)} ${why}`);
  const dtype = dtypeOf(info.dtype);
  if (!dtype) {
    const message = `Cannot read '${source.name}' as the type of tensor ${found(name)} is not supported: found ${typeName(info.dtype)}`;
    throw new DiffusionError("unsupported", message);
  }
  const shape = info.shape.map(Number).toReversed();
  if (shape.length === 0 || shape.length > maxDimensions || shape.some((dimension) => dimension < 1)) {
    throw fail(`must have one to ${maxDimensions} positive dimensions: found [${info.shape}]`);
  }
  const { blockElements, blockBytes } = dtypeInfo(dtype);
  if (shape.at(-1)! % blockElements !== 0) {
    throw fail(
      `must have rows of whole blocks of ${blockElements} elements: found ${dtype} of shape ${found(shape)}`,
    );
  }
  const elements = shape.reduce((product, dimension) => product * dimension, 1);
  const offset = dataStart + Number(info.offset);
  if (!Number.isSafeInteger(elements * blockBytes) || !Number.isSafeInteger(offset)) {
    throw fail(`is larger than any file: found shape ${found(shape)} at ${info.offset}`);
  }
  const bytes = dtypeBytes(dtype, elements);
  if (offset + bytes > source.size) {
    throw fail(`must end within ${source.size} bytes: found ${bytes} bytes at ${offset}`);
  }
  return { name, dtype, shape, source, offset, bytes };
}

/** Requires what ggml requires: tensors in order, each at the first aligned byte behind the one before; and unique names. */
function requireTiling(
  tensors: readonly TensorEntry[],
  alignment: number,
  dataStart: number,
  { name }: ByteSource,
): void {
  const names = new Set<string>();
  let expected = dataStart;
  for (const tensor of tensors) {
    if (names.has(tensor.name)) throw damaged(name, `no tensor may occur twice: found ${found(tensor.name)}`);
    names.add(tensor.name);
    if (tensor.offset !== expected) {
      throw damaged(
        name,
        `tensor ${found(tensor.name)} must begin where the one before ends: found start ${tensor.offset - dataStart} instead of ${expected - dataStart}`,
      );
    }
    expected = aligned(tensor.offset + tensor.bytes, alignment);
  }
}

function damaged(name: string, why: string): DiffusionError {
  return new DiffusionError("invalid-file", `Cannot read '${name}' as ${why}`);
}
