/** One pass, with the decoders on the host. */
import { changeOf } from "../../diffusion/index.ts";
import { type Backend, rowsOf, type SlotChange } from "../../tensor/index.ts";
import { type CountPasses, type PassResult, planPass, type Row } from "./planPass.ts";
import type { Task } from "./task.ts";

/** Makes the pass that these rows want, and tells their tasks what came of it. */
export async function runPass(
  backend: Backend,
  rows: readonly Row[],
  count: CountPasses,
): Promise<PassResult> {
  const planned = planPass(rows);
  const before = performance.now();
  const statistics = await backend.submit(planned);
  const changes: SlotChange[] = [];
  const gone: Task[] = [];
  const outcomes = planned.rows.map(({ task, slots, request }) => {
    try {
      const rows = request === undefined ? undefined : rowsOf(statistics, request);
      const outcome = task.sequence.apply(rows);
      for (const slot of slots) changes.push(changeOf(outcome, slot, request));
      return outcome;
    } catch (error) {
      // The model's numbers or a user's decoder failed one sequence; the others go on.
      task.fail(error);
      gone.push(task);
      return undefined;
    }
  });
  await backend.commit(changes);
  const ms = performance.now() - before;
  count(1, rows.length, ms);
  const served = rows.map(({ task }) => task);
  served.forEach((task, index) => {
    const outcome = outcomes[index];
    if (outcome && task.report(outcome, ms)) gone.push(task);
  });
  return { served, gone };
}
