/** The order in which tasks are run, so that every prefix of it resembles the whole file. */
import type { Task } from "../task.ts";
import type { Random } from "./random.ts";

/** The indices of the tasks, shuffled; every prefix has the kinds in about their proportions in the whole file. */
export function taskOrder(tasks: readonly Pick<Task, "kind">[], random: Random): readonly number[] {
  const kinds = [...new Set(tasks.map(({ kind }) => kind))];
  const placed = kinds.flatMap((kind) => {
    const indices = tasks.flatMap((task, index) => (task.kind === kind ? [index] : []));
    const shuffled = indices
      .map((index) => ({ index, by: random.next() }))
      .sort((left, right) => left.by - right.by);
    return shuffled.map(({ index }, rank) => ({ index, at: (rank + random.next()) / indices.length }));
  });
  return placed.sort((left, right) => left.at - right.at).map(({ index }) => index);
}
