/** One pass, with the decoders on the host. */
import { changeOf } from "../../diffusion/index.ts";
import { type Backend, rowsOf, type SlotChange } from "../../tensor/index.ts";
import { type CountPasses, planPass, type Row } from "./planPass.ts";
import type { Task } from "./task.ts";

/** Makes the next pass of these rows, and lets their tasks report its outcome. Returns the tasks that failed, with the errors. */
export async function runPass(
  backend: Backend,
  rows: readonly Row[],
  count: CountPasses,
): Promise<ReadonlyMap<Task, unknown>> {
  const planned = planPass(rows);
  const before = performance.now();
  if (planned.branchTokens.length > 0) await backend.commit(planned.branchTokens);
  const statistics = await backend.submit(planned);
  const changes: SlotChange[] = [];
  const failed = new Map<Task, unknown>();
  const outcomes = planned.rows.map(({ task, slots, request, twinRequests }) => {
    try {
      const rows = request === undefined ? undefined : rowsOf(statistics, request);
      const twinRows = twinRequests.map((twin) => rowsOf(statistics, twin));
      const outcome = task.sequence.apply(rows, twinRows);
      const { maskToken } = task.sequence.options;
      for (const slot of slots) changes.push(changeOf(outcome, slot, request, maskToken));
      return outcome;
    } catch (error) {
      // The model's numbers or a user's decoder failed one sequence; the others go on.
      failed.set(task, error);
      return undefined;
    }
  });
  await backend.commit(changes);
  const ms = performance.now() - before;
  count(1, rows.length, ms);
  rows.forEach(({ task }, index) => {
    const outcome = outcomes[index];
    if (outcome) task.report(outcome, ms);
  });
  return failed;
}
