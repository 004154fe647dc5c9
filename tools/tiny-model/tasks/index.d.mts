import type { Check } from "../../../src/eval/task.ts";
import type { Random } from "../random.mjs";

export interface GeneratedTask {
  readonly kind: string;
  readonly prompt: string;
  readonly answer: string;
  readonly check: Check;
}
export const kindNames: readonly string[];
export const sharedPrompts: ReadonlySet<string>;
export function isHeldOut(prompt: string): boolean;
export function makeTask(kind: string, random: Random, heldOut: boolean): GeneratedTask;
export function heldOutTasks(seed: number, count: number): readonly GeneratedTask[];
