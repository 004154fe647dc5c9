// The sides of a comparison on a GGUF file.
import { Contestant } from "./contestant.mjs";

/** @param options threads, rows, context and whole, as both modules have them */
export const unmaskSide = (file, options) => ["./unmaskProcess.mjs", { ...options, file }];

/** llama.cpp with the library of each kind of processor; none where it is not installed. */
export function llamaSides(file, options, { processors, missing }) {
  if (missing.has("node-llama-cpp")) return [];
  return processors.map((name) => {
    const processor = name === "best" ? undefined : name;
    return ["./llamaProcess.mjs", { ...options, file, processor }];
  });
}

/**
 * @param list module and options of each side
 * @param use gets the Contestants, which end with it
 */
export async function withSides(list, use) {
  const sides = [];
  try {
    for (const [module, options] of list) sides.push(await Contestant.start(module, options));
    return await use(sides);
  } finally {
    for (const side of sides) await side.stop();
  }
}
