import { DiffusionError } from "../error.ts";

/** The error for a checkpoint that is not the one that the model needs. */
export function invalidWeights(why: string): DiffusionError {
  return new DiffusionError("invalid-weights", `Cannot load weights as ${why}`);
}
