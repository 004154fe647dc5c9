/** The header of a safetensors file, and where its tensors lie. */
import { isQuantized } from "../tensor/index.ts";
import { shapeInBytes } from "../weights/index.ts";
import type { FileLayout } from "./fileLayout.ts";
import type { OutputTensor } from "./tensors.ts";

const lengthBytes = 8;

export function safetensorsLayout(tensors: readonly OutputTensor[]): FileLayout {
  let start = 0;
  const entries = tensors.map(({ name, shape, dtype, bytes }) => {
    const offsets = [start, start + bytes];
    start += bytes;
    const stored = isQuantized(dtype)
      ? { dtype: "U8", shape: shapeInBytes(shape, dtype) }
      : { dtype: dtype.toUpperCase(), shape };
    return [name, { ...stored, data_offsets: offsets }] as const;
  });
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  // Blanks align the data, as the reference's writer does.
  const headerBytes = Math.ceil(text.length / lengthBytes) * lengthBytes;
  const header = new Uint8Array(lengthBytes + headerBytes).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(headerBytes), true);
  header.set(text, lengthBytes);
  let at = header.length;
  const positions = tensors.map(({ bytes }) => {
    at += bytes;
    return at - bytes;
  });
  return { header, positions, bytes: at };
}
