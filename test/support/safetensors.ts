/** Writes safetensors files for tests: valid files from tensors, invalid files from any header. */

import { concatenate } from "../../src/core/concatenate.ts";
import { type DType, dtypeBytes, elementCount, type Shape } from "../../src/core/tensor/dtype.ts";

export interface TestTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Raw little-endian bytes as a Uint8Array, or values, which are rounded to the dtype. */
  readonly data: Uint8Array | ArrayLike<number>;
}

/** A valid file with consecutive tensors. */
export function safetensors(
  tensors: readonly TestTensor[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const parts = tensors.map(tensorBytes);
  const header: [string, unknown][] = metadata ? [["__metadata__", metadata]] : [];
  let start = 0;
  tensors.forEach(({ name, dtype, shape }, i) => {
    const end = start + parts[i]!.length;
    header.push([name, { dtype: dtype.toUpperCase(), shape, data_offsets: [start, end] }]);
    start = end;
  });
  // Pads the header with blanks to align the data, as the reference writer does.
  const text = JSON.stringify(Object.fromEntries(header));
  const blanks = " ".repeat(-new TextEncoder().encode(text).length & 7);
  return safetensorsFile(text + blanks, concatenate(parts));
}

/** A file with exactly this header, valid or not. */
export function safetensorsFile(
  header: string | Uint8Array,
  data: Uint8Array = new Uint8Array(),
  headerBytes?: bigint,
): Uint8Array {
  const encoded = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, headerBytes ?? BigInt(encoded.length), true);
  return concatenate([length, encoded, data]);
}

function tensorBytes({ name, dtype, shape, data }: TestTensor): Uint8Array {
  const bytes = data instanceof Uint8Array ? data : encode(dtype, data);
  if (bytes.length !== dtypeBytes(dtype, elementCount(shape))) {
    throw new Error(`Cannot write '${name}' as ${dtype} of shape [${shape}]: found ${bytes.length} bytes`);
  }
  return bytes;
}

function encode(dtype: DType, values: ArrayLike<number>): Uint8Array {
  const typed = typedArray(dtype, values);
  return new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength);
}

function typedArray(dtype: DType, values: ArrayLike<number>): ArrayBufferView {
  switch (dtype) {
    case "f64":
      return Float64Array.from(values);
    case "f32":
      return Float32Array.from(values);
    case "f16":
      return Uint16Array.from(values, f32ToF16);
    case "bf16":
      return Uint16Array.from(values, f32ToBf16);
    case "i64":
      return BigInt64Array.from(Array.from(values, BigInt));
    case "i32":
      return Int32Array.from(values);
    case "u32":
      return Uint32Array.from(values);
    case "i8":
      return Int8Array.from(values);
    case "u8":
      return Uint8Array.from(values);
    default:
      throw new Error(`Cannot write values as ${dtype}, which safetensors does not have`);
  }
}

const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

/** The bits of the nearest bf16, ties to even. */
export function f32ToBf16(value: number): number {
  float[0] = value;
  const bits = word[0]!;
  if (Number.isNaN(value)) return (bits >>> 16) | 0x40;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** The bits of the nearest half, ties to even. */
export function f32ToF16(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(Math.fround(value));
  if (Number.isNaN(size)) return 0x7e00;
  // Halfway between the largest half, 65504, and the next power of two.
  if (size >= 65520) return sign | 0x7c00;
  const exponent = size < 2 ** -14 ? -14 : Math.floor(Math.log2(size));
  // The mantissa in units of the last place. A carry increments the exponent, which is correct.
  const units = roundToEven(size / 2 ** (exponent - 10));
  return sign | (size < 2 ** -14 ? units : ((exponent + 14) << 10) + units);
}

function roundToEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}
