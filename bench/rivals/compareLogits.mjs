// The logits of one pass: unmask and llama.cpp beside the reference, on the same file.
import { median } from "./paired.mjs";
import { llamaSides, unmaskSide, withSides } from "./sides.mjs";

const rows = 32;
const models = {
  dream: ["dream", "dream whole"],
  mixture: ["mixture", "mixture whole"],
};
const titles = {
  dream: "Qwen2",
  "dream whole": "Dream",
  mixture: "Qwen3-MoE",
  "mixture whole": "LLaDA-MoE",
};

/**
 * The most that logits may differ from the reference's, relative to their size, in the median row. unmask rounds activations to
 * 16 bits in products with quantized weights. llama.cpp rounds them to 8, and to bf16 in products with bf16, which in a mixture
 * also leads to other experts.
 */
const tolerances = { ours: 0.005, theirs: 0.1 };

export async function compareLogits({ shapes, types, files, report, missing, processors }) {
  const table = [["model", "weights", "side", "difference of the median row", "same best token"]];
  for (const model of shapes.flatMap((shape) => models[shape])) {
    for (const dtype of types) {
      await files.with(model, dtype, async (file) => {
        const options = { threads: 2, rows, context: rows, whole: model.endsWith("whole") };
        const list = [
          unmaskSide(file, { ...options, exact: true }),
          unmaskSide(file, options),
          ...llamaSides(file, options, { missing, processors }),
        ];
        await withSides(list, async ([reference, ours, ...others]) => {
          const right = rowsOf(await reference.call("logits"));
          for (const side of [ours, ...others]) {
            const tolerance = side === ours ? tolerances.ours : tolerances.theirs;
            table.push([titles[model], dtype, side.about, ...(await compared(side, right, tolerance))]);
          }
        });
      });
    }
  }
  report.section("Logits of 32 positions", table);
}

/** Cells for the logits of a side beside the right ones. */
async function compared(side, right, tolerance) {
  const found = rowsOf(await side.call("logits"));
  const difference = median(found.map((row, index) => relativeDifference(row, right[index])));
  const same = found.filter((row, index) => bestOf(row) === bestOf(right[index])).length;
  const percent = (fraction) => `${(100 * fraction).toFixed(2)} %`;
  if (!(difference <= tolerance)) {
    const limit = percent(tolerance);
    console.error(
      `error: logits of ${side.about} must differ by at most ${limit}: found ${percent(difference)}`,
    );
    process.exitCode = 1;
  }
  return [percent(difference), `${same} of ${rows}`];
}

function rowsOf(logits) {
  const width = logits.length / rows;
  return Array.from({ length: rows }, (_, row) => logits.subarray(row * width, (row + 1) * width));
}

const norm = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
const relativeDifference = (a, b) => norm(a.map((value, index) => value - b[index])) / norm(b);
const bestOf = (row) => row.indexOf(Math.max(...row));
