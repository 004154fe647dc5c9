// Whole passes in processes, and their logits: unmask and llama.cpp on the same file.
import { Contestant } from "./contestant.mjs";
import { cellsOf, inTurns, median } from "./paired.mjs";

/** Positions before the rows of a pass. */
const before = 128;

/**
 * The most that logits may differ, relative to their size, in the median row. llama.cpp rounds activations to 8 bits in each
 * product with quantized weights, and to bf16 in others.
 */
const tolerance = 0.04;

async function openSides(file, options, { processors, missing }) {
  const sides = [await Contestant.start("./unmaskProcess.mjs", { ...options, file })];
  if (missing.has("node-llama-cpp")) return sides;
  for (const name of processors) {
    const processor = name === "best" ? undefined : name;
    sides.push(await Contestant.start("./llamaProcess.mjs", { ...options, file, processor }));
  }
  return sides;
}

async function closed(sides, use) {
  try {
    return await use(sides);
  } finally {
    for (const side of sides) await side.stop();
  }
}

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
    const notes = new Set();
    for (const dtype of types) {
      await files.with(shape, dtype, async (file) => {
        for (const threads of counts) {
          const options = { threads, rows, context: before + rows, whole: false };
          await closed(await openSides(file, options, rest), async (sides) => {
            if (threads === counts[0]) notes.add(await differencesOf(sides, rows, `${shape} in ${dtype}`));
            const [ours, ...others] = await inTurns(sides, rounds);
            const names = sides.slice(1).flatMap(({ about }) => [about, "ratio", "of processor time"]);
            table[0] ??= ["weights", "threads", "unmask", ...names];
            table.push([dtype, threads, ...cellsOf(ours), ...others.flatMap((each) => cellsOf(each, ours))]);
          });
        }
      });
    }
    report.section(`${shape}: passes of ${rows} rows behind ${before}`, table, [...notes]);
  }
}

/** Logits of Dream and LLaDA-MoE, which llama.cpp computes in whole sequences. */
export async function compareLogits({ types, files, report, missing, processors }) {
  if (missing.has("node-llama-cpp")) return;
  const rows = 32;
  const table = [["model", "weights", "library", "difference of the median row", "same best token"]];
  for (const shape of ["dream whole", "mixture whole"]) {
    for (const dtype of types) {
      await files.with(shape, dtype, async (file) => {
        const options = { threads: 2, rows, context: rows, whole: true };
        await closed(await openSides(file, options, { processors, missing }), async (sides) => {
          for (const { about, difference, same } of await compared(sides, rows, `${shape} in ${dtype}`)) {
            const name = shape === "dream whole" ? "Dream" : "LLaDA-MoE";
            table.push([name, dtype, about, percent(difference), `${same} of ${rows}`]);
          }
        });
      });
    }
  }
  report.section("Logits of whole sequences", table);
}

const percent = (fraction) => `${(100 * fraction).toFixed(2)} %`;

async function differencesOf(sides, rows, what) {
  const all = await compared(sides, rows, what);
  if (all.length === 0) return "";
  const texts = all.map(({ about, difference }) => `${percent(difference)} from ${about}`);
  return `Logits, ${what}: the median row differs by ${texts.join(", ")}.`;
}

/** Compares the logits of the first side with those of the others. */
async function compared(sides, rows, what) {
  const [first, ...others] = sides;
  if (others.length === 0) return [];
  const ours = rowsOf(await first.call("logits"), rows);
  const out = [];
  for (const side of others) {
    const theirs = rowsOf(await side.call("logits"), rows);
    const difference = median(ours.map((row, index) => relativeDifference(row, theirs[index])));
    const same = ours.filter((row, index) => bestOf(row) === bestOf(theirs[index])).length;
    if (!(difference <= tolerance)) {
      console.error(`error: logits of ${what} differ by ${percent(difference)} from ${side.about}`);
      process.exitCode = 1;
    }
    out.push({ about: side.about, difference, same });
  }
  return out;
}

function rowsOf(logits, rows) {
  const width = logits.length / rows;
  return Array.from({ length: rows }, (_, row) => logits.subarray(row * width, (row + 1) * width));
}

const norm = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
const relativeDifference = (a, b) => norm(a.map((value, index) => value - b[index])) / norm(b);
const bestOf = (row) => row.indexOf(Math.max(...row));
