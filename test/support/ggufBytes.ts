/** Writes GGUF files for tests: valid files from metadata and tensors, invalid files from any counts, types and offsets. */
import { concatenate } from "../../src/core/concatenate.ts";

/** Value types of metadata that the tests need, with their numbers in the format. */
const valueTypes = { u8: 0, i32: 5, u32: 4, f32: 6, bool: 7, string: 8, array: 9, u64: 10 } as const;
type ScalarType = Exclude<keyof typeof valueTypes, "array">;
type Scalar = number | bigint | boolean | string;

export type GgufEntry =
  | readonly [key: string, type: ScalarType, value: Scalar]
  | readonly [key: string, type: "array", of: ScalarType, values: readonly Scalar[]]
  /** Any bytes as the type and the value. */
  | readonly [key: string, type: "raw", bytes: Uint8Array];

export interface GgufTensor {
  readonly name: string;
  /** Outermost dimension first. */
  readonly shape: readonly number[];
  /** The number of the element type in ggml. */
  readonly type: number;
  readonly bytes: Uint8Array;
  /** Written in place of the real offset. */
  readonly offset?: bigint;
}

export interface GgufFileParts {
  readonly entries: readonly GgufEntry[];
  readonly tensors: readonly GgufTensor[];
  readonly version?: number;
  readonly alignment?: number;
  /** Written in place of the real counts. */
  readonly tensorCount?: bigint;
  readonly entryCount?: bigint;
}

export function number(type: "u8" | "u32" | "i32" | "f32" | "u64", value: number | bigint): Uint8Array {
  const bytes = new Uint8Array({ u8: 1, u32: 4, i32: 4, f32: 4, u64: 8 }[type]);
  const view = new DataView(bytes.buffer);
  if (type === "u64") view.setBigUint64(0, BigInt(value), true);
  else if (type === "f32") view.setFloat32(0, Number(value), true);
  else if (type === "u8") view.setUint8(0, Number(value));
  else view.setInt32(0, Number(value), true);
  return bytes;
}

export function text(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value);
  return concatenate([number("u64", bytes.length), bytes]);
}

function scalar(type: ScalarType, value: Scalar): Uint8Array {
  if (type === "string") return text(String(value));
  if (type === "bool") return number("u8", value ? 1 : 0);
  return number(type, value as number | bigint);
}

function entryBytes(entry: GgufEntry): Uint8Array {
  if (entry[1] === "raw") return concatenate([text(entry[0]), entry[2]]);
  if (entry[1] !== "array") {
    return concatenate([text(entry[0]), number("u32", valueTypes[entry[1]]), scalar(entry[1], entry[2])]);
  }
  const [key, , of, values] = entry;
  const head = [text(key), number("u32", valueTypes.array), number("u32", valueTypes[of])];
  return concatenate([...head, number("u64", values.length), ...values.map((value) => scalar(of, value))]);
}

export function ggufBytes(parts: GgufFileParts): Uint8Array<ArrayBuffer> {
  const { entries, tensors, version = 3, alignment = 32 } = parts;
  const padded = (bytes: Uint8Array) => concatenate([bytes, new Uint8Array(-bytes.length & (alignment - 1))]);
  let offset = 0;
  const infos = tensors.map(({ name, shape, type, bytes, offset: own }) => {
    const dimensions = shape.toReversed().map((dimension) => number("u64", dimension));
    const info = [text(name), number("u32", shape.length), ...dimensions, number("u32", type)];
    const result = concatenate([...info, number("u64", own ?? offset)]);
    offset += padded(bytes).length;
    return result;
  });
  const header = concatenate([
    new TextEncoder().encode("GGUF"),
    number("u32", version),
    number("u64", parts.tensorCount ?? tensors.length),
    number("u64", parts.entryCount ?? entries.length),
    ...entries.map(entryBytes),
    ...infos,
  ]);
  return concatenate([padded(header), ...tensors.map(({ bytes }) => padded(bytes))]).slice();
}
