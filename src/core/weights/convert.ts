/**
 * Bytes of a checkpoint to f32. Every runtime of unmask is little-endian, as the format is, so bytes are reinterpreted
 * and never swapped; they may start at any address, as the length of a safetensors header is arbitrary.
 */
import { bug } from "../error.ts";
import { type DType, dtypeBytes, f16ToF32 } from "../tensor/dtype.ts";

/**
 * Writes the elements that `bytes` holds to `out`, from element `outOffset` on.
 * @param dtype f32, f16 or bf16
 * @throws DiffusionError `internal` if the bytes end within an element, do not fit, or are of another dtype
 */
export function toF32(bytes: Uint8Array, dtype: DType, out: Float32Array, outOffset = 0): void {
  const count = bytes.length / dtypeBytes(dtype);
  if (!Number.isInteger(count) || outOffset < 0 || outOffset + count > out.length) {
    throw bug(
      `Cannot convert ${dtype} as elements must fit into ${out.length} from ${outOffset} on: found ${count}`,
    );
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
      f16Table ??= Float32Array.from({ length: 0x10000 }, (_, bits) => f16ToF32(bits));
      for (let i = 0; i < count; i++) out[outOffset + i] = f16Table[from[i]!]!;
      break;
    }
    default:
      throw bug(`Cannot convert to f32 as the dtype must be f32, f16 or bf16: found ${dtype}`);
  }
}

/** The value of each of the 65536 halves (256 KiB), made on first use. */
let f16Table: Float32Array | undefined;

function halfWords(bytes: Uint8Array, count: number): Uint16Array {
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Uint16Array(aligned.buffer, aligned.byteOffset, count);
}
