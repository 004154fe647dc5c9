/** Llama 3's scaling of rotary positions, which llama.cpp keeps as a tensor: divisors of the angles' frequencies. */
import { DiffusionError, found } from "../error.ts";
import { readExactly, type TensorEntry } from "../weights/index.ts";

/** f32, [rotaryDimension / 2]. */
export const ropeDivisorsTensor = "rope_freqs.weight";

/** More than any head has. */
const maxDivisors = 4096;

/** @throws DiffusionError `invalid-weights` for another type or shape, `io`, `aborted` */
export async function readRopeDivisors(
  { dtype, shape, source, offset, bytes }: TensorEntry,
  signal: AbortSignal | undefined,
): Promise<readonly number[]> {
  if (dtype !== "f32" || shape.length !== 1 || shape[0]! > maxDivisors) {
    const message = `Cannot load the model as '${ropeDivisorsTensor}' in '${source.name}' must be f32 with one dimension of at most ${maxDivisors}: found ${dtype} of shape ${found(shape)}`;
    throw new DiffusionError("invalid-weights", message);
  }
  const content = await readExactly(source, offset, bytes, signal);
  return Array.from(new Float32Array(content.slice().buffer));
}
