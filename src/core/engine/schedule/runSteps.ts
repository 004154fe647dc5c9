/** Some steps at once, with the decoders on the device. */
import type { DeviceLoop } from "../../tensor/index.ts";
import type { CountPasses, PassResult, Row } from "./planPass.ts";
import { outcomesOf, planSubmission } from "./submission.ts";

/** Makes so many steps of these rows, and tells their tasks what came of each. */
export async function runSteps(
  loop: DeviceLoop,
  picked: readonly Row[],
  stepCount: number,
  count: CountPasses,
): Promise<PassResult> {
  const { rows, steps, deviceRows } = planSubmission(picked, stepCount);
  const before = performance.now();
  const reports = await loop.run(steps, deviceRows);
  const ms = performance.now() - before;
  count(stepCount, rows.length, ms);
  const gone = rows.filter((row, index) => {
    try {
      for (const outcome of outcomesOf(row, reports[index]!)) {
        if (row.task.report(outcome, ms / stepCount)) return true;
      }
      return false;
    } catch (error) {
      row.task.fail(error);
      return true;
    }
  });
  return { served: rows.map(({ task }) => task), gone: gone.map(({ task }) => task) };
}
