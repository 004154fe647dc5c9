// Compares the WebAssembly backend with other engines on the same files and products, without a GPU: llama.cpp (node-llama-cpp) and
// onnxruntime-web in processes, wllama in Chromium. All sides take turns. Install them once: npm --prefix bench/rivals ci
//   node bench/cpu.mjs [--parts passes,logits,products,page] [--shapes dream,mixture] [--types q8_0,bf16,q4_0] [--threads 1,2]
//     [--rows 32] [--rounds 11] [--processors best,haswell] [--files FOLDER] [--write]
// --processors: kinds of processor whose library llama.cpp uses; `best` is its own choice. --files: keeps the files of random
// weights in a folder. --write: puts the tables into results/cpu.md. The exit code is 1 if logits differ from the reference's
// (the plain CPU backend's) by more than rounding.
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { compareLogits } from "./rivals/compareLogits.mjs";
import { comparePages } from "./rivals/comparePages.mjs";
import { comparePasses } from "./rivals/comparePasses.mjs";
import { compareProducts } from "./rivals/compareProducts.mjs";
import { missingRivals } from "./rivals/missing.mjs";
import { ModelFiles } from "./rivals/modelFiles.mjs";
import { Report } from "./rivals/report.mjs";

const { values } = parseArgs({
  options: {
    parts: { type: "string", default: "passes,logits,products,page" },
    shapes: { type: "string", default: "dream,mixture" },
    types: { type: "string", default: "q8_0,bf16,q4_0" },
    threads: { type: "string", default: "1,2" },
    rows: { type: "string", default: "32" },
    rounds: { type: "string", default: "11" },
    processors: { type: "string", default: "best,haswell" },
    files: { type: "string" },
    write: { type: "boolean", default: false },
  },
});
const list = (text) => text.split(",");
const parts = {
  passes: comparePasses,
  logits: compareLogits,
  products: compareProducts,
  page: comparePages,
};
for (const part of list(values.parts)) {
  if (!Object.hasOwn(parts, part))
    throw new Error(`'--parts' must be among ${Object.keys(parts).join(", ")}: found ${part}`);
}

console.log(`Node ${process.version}, ${cpus()[0]?.model}`);
const missing = missingRivals();
if (missing.size > 0) {
  const names = [...missing].join(", ");
  console.log(
    `Measuring unmask alone where it is compared with ${names}. To install them: npm --prefix bench/rivals ci`,
  );
}
const options = {
  shapes: list(values.shapes),
  types: list(values.types),
  threads: list(values.threads).map(Number),
  rows: Number(values.rows),
  rounds: Number(values.rounds),
  processors: list(values.processors),
  files: new ModelFiles(values.files),
  report: new Report(values.write),
  missing,
};
for (const part of list(values.parts)) await parts[part](options);
