/**
 * Conversions between the types of weights. Every runtime of unmask is little-endian, as the formats are, so bytes are
 * reinterpreted and never swapped. They may start at any address, as the length of a safetensors header is arbitrary.
 */
import { bug } from "../error.ts";
import { type DType, dtypeElements, f16Values, isQuantized } from "../tensor/dtype.ts";
import { blockFormats } from "./blocks.ts";

/**
 * Elements of one type as another: any type of weights to f32 or a quantized type. Bytes that have the type already are returned
 * themselves.
 * @param name the weight's, for errors
 * @throws DiffusionError `invalid-weights` for a value that cannot be quantized; `internal` for other types, or bytes
 *   that end within a block of either
 */
export function convertWeights(bytes: Uint8Array, from: DType, to: DType, name: string): Uint8Array {
  if (from === to) return bytes;
  const values = new Float32Array(dtypeElements(from, bytes.length));
  toF32(bytes, from, values);
  if (to === "f32") return new Uint8Array(values.buffer);
  if (isQuantized(to)) return blockFormats[to].quantize(values, name);
  throw bug(`Cannot convert '${name}' as the dtype must be f32 or a quantized one: found ${to}`);
}

/**
 * Writes the elements that `bytes` holds to `out`, from element `outOffset` on.
 * @param dtype a type of weights
 * @throws DiffusionError `internal` if the bytes end within a block, do not fit, or are of another type
 */
export function toF32(bytes: Uint8Array, dtype: DType, out: Float32Array, outOffset = 0): void {
  const count = dtypeElements(dtype, bytes.length);
  if (outOffset < 0 || outOffset + count > out.length) {
    throw bug(
      `Cannot convert ${dtype} as elements must fit into ${out.length} from ${outOffset} on: found ${count}`,
    );
  }
  if (isQuantized(dtype)) {
    blockFormats[dtype].dequantize(bytes, out, outOffset);
    return;
  }
  switch (dtype) {
    case "f32":
      // As bytes, because a Float32Array cannot be laid over an odd address.
      new Uint8Array(out.buffer, out.byteOffset + outOffset * 4, bytes.length).set(bytes);
      break;
    case "bf16": {
      const from = halfWords(bytes, count);
      const to = new Uint32Array(out.buffer, out.byteOffset + outOffset * 4, count);
      for (let i = 0; i < count; i++) to[i] = from[i]! << 16;
      break;
    }
    case "f16": {
      const from = halfWords(bytes, count);
      const values = f16Values();
      for (let i = 0; i < count; i++) out[outOffset + i] = values[from[i]!]!;
      break;
    }
    default:
      throw bug(`Cannot convert to f32 as the dtype must be one of weights: found ${dtype}`);
  }
}

function halfWords(bytes: Uint8Array, count: number): Uint16Array {
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Uint16Array(aligned.buffer, aligned.byteOffset, count);
}
