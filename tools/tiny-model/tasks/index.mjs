// Tasks: a kind, a prompt, an answer, and the check of any answer as `unmask eval` reads it.
import { hash, Random } from "../random.mjs";
import { latinKinds } from "./latin.mjs";
import { lineKinds } from "./line.mjs";
import { plainKinds } from "./plain.mjs";

/** By name, a function from random numbers to `{prompt, answer, check}`. */
export const kinds = { ...plainKinds, ...lineKinds, ...latinKinds };
export const kindNames = Object.keys(kinds);

/** Every eighth prompt is never trained on, whatever the seed. A kind with few prompts, as Latin squares, has no others. */
export function isHeldOut(prompt) {
  return hash(prompt) % 8 === 0;
}

/** Kinds whose prompts are so few that the same ones are in training: what is held out there are answers, which are many. */
export const sharedPrompts = new Set(["latin"]);

/** @param heldOut whether the prompt is one that is never trained on @returns `{kind, prompt, answer, check}` */
export function makeTask(kind, random, heldOut) {
  for (;;) {
    const task = kinds[kind](random);
    if (sharedPrompts.has(kind) || isHeldOut(task.prompt) === heldOut) return { kind, ...task };
  }
}

/** Held-out tasks with different prompts, as many of each kind. */
export function heldOutTasks(seed, count) {
  const random = new Random(seed);
  return kindNames.flatMap((kind) => {
    const seen = new Map();
    for (let tries = 0; seen.size < count && tries < 100 * count; tries++) {
      const task = makeTask(kind, random, true);
      seen.set(task.prompt, task);
    }
    return [...seen.values()];
  });
}
