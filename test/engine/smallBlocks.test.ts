/** The block-causal model that was trained for this project: an exact cache changes nothing, and its answers are right. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { wasm } from "../../src/backends/wasm/index.ts";
import { type Choice, Engine } from "../../src/core/index.ts";
import { isRight } from "../../src/eval/task.ts";
import { directory } from "../../src/node.ts";
import { heldOutTasks } from "../../tools/tiny-model/tasks/index.mjs";
import { runToEnd } from "../suites/run.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.load(directory("models/small-blocks"), { backend: wasm() });
});
afterAll(() => engine.dispose());

const tasks = heldOutTasks(14, 1);

test.each<[string, Choice]>([
  ["entropyBound", { name: "entropyBound", gamma: 0.02 }],
  ["lookAhead", { name: "lookAhead", gamma: 0.02 }],
])(
  "with %s, the answers of cache 'block' are those without a cache, and most are right",
  async (_, decoder) => {
    let right = 0;
    let [rows, rowsWithout] = [0, 0];
    for (const { prompt, check } of tasks) {
      const request = { messages: [{ role: "user" as const, content: prompt }], decoder };
      const exact = await runToEnd(engine, { ...request, cache: { name: "block" } });
      const whole = await runToEnd(engine, { ...request, cache: { name: "none" } });
      expect(exact.done.tokens).toEqual(whole.done.tokens);
      expect(exact.done.usage.rows).toBeLessThanOrEqual(whole.done.usage.rows);
      rows += exact.done.usage.rows;
      rowsWithout += whole.done.usage.rows;
      right += Number(isRight(check, exact.done.text!));
    }
    expect(rows).toBeLessThan(rowsWithout);
    expect(right).toBeGreaterThanOrEqual(tasks.length - 2);
  },
);
