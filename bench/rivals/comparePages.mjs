// Whole passes in Chromium: unmask and wllama on the same file.
import { cellsOf, inTurns } from "./paired.mjs";

const before = 128;

export async function comparePages({ shapes, types, threads: counts, rows, rounds, files, report, missing }) {
  if (missing.has("@wllama/wllama")) return;
  const { withPages } = await import("./inPage.mjs");
  await withPages(async (openPage) => {
    for (const shape of shapes) {
      const table = [];
      for (const dtype of types) {
        await files.with(shape, dtype, async (file) => {
          for (const threads of counts) {
            const { sides, close } = await openPage(file, { threads, rows, context: before + rows });
            const [ours, theirs] = await inTurns(sides, rounds);
            await close();
            table[0] ??= ["weights", "threads", "unmask", sides[1].about, "ratio"];
            table.push([dtype, threads, ...cellsOf(ours), ...cellsOf(theirs, ours)]);
          }
        });
      }
      report.section(`${shape}: passes of ${rows} rows behind ${before} in Chromium`, table);
    }
  });
}
