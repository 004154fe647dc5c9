// Whole passes in processes: unmask and llama.cpp on the same file.
import { cellsOf, inTurns } from "./paired.mjs";
import { llamaSides, unmaskSide, withSides } from "./sides.mjs";

/** Positions before the rows of a pass. */
const before = 128;

/** Times of `rows` rows behind a context that is computed already. */
export async function comparePasses({
  shapes,
  types,
  threads: counts,
  rows,
  rounds,
  files,
  report,
  ...rest
}) {
  for (const shape of shapes) {
    const table = [];
    for (const dtype of types) {
      await files.with(shape, dtype, async (file) => {
        for (const threads of counts) {
          const options = { threads, rows, context: before + rows, whole: false };
          await withSides([unmaskSide(file, options), ...llamaSides(file, options, rest)], async (sides) => {
            const [ours, ...others] = await inTurns(sides, rounds);
            const names = sides.slice(1).flatMap(({ about }) => [about, "ratio", "of processor time"]);
            table[0] ??= ["weights", "threads", "unmask", ...names];
            table.push([dtype, threads, ...cellsOf(ours), ...others.flatMap((each) => cellsOf(each, ours))]);
          });
        }
      });
    }
    report.section(`${shape}: passes of ${rows} rows behind ${before}`, table);
  }
}
