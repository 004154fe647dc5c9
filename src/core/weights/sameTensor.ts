import { bug } from "../error.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { readExactly } from "./readExactly.ts";

const firstChunkBytes = 4096;
const chunkBytes = 8 * 2 ** 20;

/**
 * Whether two tensors have the same shape, dtype and bytes. Tensors that differ nearly always do so in the first bytes,
 * so a small read of each comes first.
 * @throws DiffusionError `io`, `aborted`, `internal` if the checkpoint lacks one of them
 */
export async function sameTensor(
  { tensors }: Checkpoint,
  name: string,
  otherName: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const a = tensors.get(name);
  const b = tensors.get(otherName);
  if (!a || !b) throw bug(`Cannot compare '${name}' with '${otherName}' as both must be in the checkpoint`);
  if (a.dtype !== b.dtype || a.bytes !== b.bytes || a.shape.join() !== b.shape.join()) return false;
  for (let start = 0; start < a.bytes; ) {
    const length = Math.min(start === 0 ? firstChunkBytes : chunkBytes, a.bytes - start);
    const [left, right] = await Promise.all(
      [a, b].map(({ source, offset }) => readExactly(source, offset + start, length, signal)),
    );
    if (!left!.every((byte, index) => byte === right![index])) return false;
    start += length;
  }
  return true;
}
