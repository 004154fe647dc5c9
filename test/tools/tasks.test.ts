/** The generated tasks: answers pass their checks, wrong answers do not, and held-out prompts are not trained on. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isRight } from "../../src/eval/task.ts";
import { Random } from "../../tools/tiny-model/random.mjs";
import {
  heldOutTasks,
  isHeldOut,
  kindNames,
  makeTask,
  sharedPrompts,
} from "../../tools/tiny-model/tasks/index.mjs";

const several = (kind: string, count = 200) => {
  const random = new Random(7);
  return Array.from({ length: count }, () => makeTask(kind, random, false));
};

describe.each(kindNames)("%s", (kind) => {
  test("answers pass their checks", () => {
    for (const { answer, check } of several(kind)) expect(isRight(check, answer)).toBe(true);
  });
  test("an answer that lacks its last word fails", () => {
    for (const { answer, check } of several(kind)) {
      expect(isRight(check, answer.split(/\s/).slice(0, -1).join(" "))).toBe(false);
    }
  });
  test("a word that is there twice, in place of another, fails", () => {
    for (const { prompt, answer, check } of several(kind)) {
      const words = answer.split(" ");
      const other = words.find((word) => word !== words[0]);
      // Where a place is free to be chosen, another word can be right.
      if (other === undefined || prompt.endsWith("any by ".concat(words[0]!))) continue;
      expect(isRight(check, [other, ...words.slice(1)].join(" "))).toBe(false);
    }
  });
});

test("exactly the Latin squares pass", () => {
  const { prompt, check } = several("latin").find((task) => task.prompt.split(" ").length === 6)!;
  const symbols = prompt.split(" ").slice(3);
  let right = 0;
  for (let code = 0; code < 3 ** 9; code++) {
    const cells = Array.from({ length: 9 }, (_, cell) => symbols[Math.floor(code / 3 ** cell) % 3]!);
    const rows = [0, 3, 6].map((start) => cells.slice(start, start + 3).join(" "));
    if (isRight(check, rows.join("\n"))) right++;
  }
  expect(right).toBe(12);
});

test("a prompt is trained on or held out", () => {
  for (const kind of kindNames.filter((each) => !sharedPrompts.has(each))) {
    for (const { prompt } of several(kind)) expect(isHeldOut(prompt)).toBe(false);
  }
  const tasks = heldOutTasks(1, 40);
  for (const { kind, prompt } of tasks) expect(isHeldOut(prompt) || sharedPrompts.has(kind)).toBe(true);
  expect(new Set(tasks.map(({ prompt }) => prompt)).size).toBe(tasks.length);
  expect(tasks.length).toBeGreaterThanOrEqual(40 * (kindNames.length - 1));
});

test("a seed gives the same tasks again", () => {
  expect(heldOutTasks(5, 3)).toEqual(heldOutTasks(5, 3));
  expect(heldOutTasks(6, 3)).not.toEqual(heldOutTasks(5, 3));
});

test("those of models/small are generated", () => {
  const shipped = readFileSync(new URL("../../models/small/tasks.jsonl", import.meta.url), "utf8");
  const lines = heldOutTasks(3, 7).map(({ kind, prompt, check }) => JSON.stringify({ kind, prompt, check }));
  expect(`${lines.join("\n")}\n`).toBe(shipped);
});
