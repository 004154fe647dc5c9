// Writes the paper budget of the kernels into docs/cuda.md: bytes and FLOPs of a forward pass of LLaDA-MoE-7B-A1B, what the compiler says
// of each kernel, and the time that follows. With --check it writes nothing, and fails if the table is stale. Needs nvcc.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compiledKernel } from "./cuda/compiled.mjs";
import { workOf } from "./cuda/work.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const page = join(root, "docs/cuda.md");
const [begin, end] = ["<!-- budget -->", "<!-- end of the budget -->"];

/** Copy bandwidth of an H200 in bytes a second, and what its tensor cores do with `mma.sync` in FLOPs a second. */
const bandwidth = 4.3e12;
const tensorRate = 0.6 * 790e12;
const gates = [0.58, 0.75];

function nvcc(...options) {
  const done = spawnSync("nvcc", options, { encoding: "utf8" });
  if (done.error || done.status !== 0) throw done.error ?? new Error(done.stderr);
  return done;
}

const folder = mkdtempSync(join(tmpdir(), "unmask-"));
const compiled = new Map();
const files = [...new Set(workOf().map(({ file }) => file))];
for (const file of files) {
  const source = join(root, `native/src/kernels/${file}.cu`);
  const cubin = join(folder, `${file}.cubin`);
  const options = ["-std=c++17", "-arch=sm_90", "-cubin", "-Xptxas", "-v", "-I", join(root, "native/src")];
  const { stderr } = nvcc(...options, source, "-o", cubin);
  compiled.set(file, { log: stderr, cubin: readFileSync(cubin) });
}
rmSync(folder, { recursive: true });

const number = (value, digits = 1) => (value === 0 ? "" : value.toFixed(digits));
const seconds = ({ bytes, flops }, share) => Math.max(bytes / (share * bandwidth), flops / tensorRate);
const rows = workOf().map((work) => {
  const kernel = compiledKernel(compiled.get(work.file), work);
  const micros = gates.map((share) => 1e6 * seconds(work, share));
  return { work, kernel, micros };
});
const total = (of) => rows.reduce((sum, row) => sum + row.work.count * of(row), 0);

/** A table in Markdown whose columns are aligned, the first to the left. */
function tableOf(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => String(line[column]).length)));
  const cells = (line, pad) => `| ${line.map((value, column) => pad(String(value), column)).join(" | ")} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  const aligned = (value, column) =>
    column === 0 ? value.padEnd(widths[column]) : value.padStart(widths[column]);
  const [head, ...rest] = lines.map((line) => cells(line, aligned));
  return [head, cells(rule, (value) => value), ...rest].join("\n");
}

const head = [
  ...["kernel", "times", "MB", "MB in cache", "GFLOP", "registers", "KiB shared", "blocks a multiprocessor"],
  ...["main loop: multiplications / all instructions", "instructions"],
  ...["µs at .58", "µs at .75", "µs measured"],
];
const table = tableOf([
  head,
  ...rows.map(({ work, kernel, micros }) => [
    work.name,
    work.count,
    number(work.bytes / 1e6),
    number(work.cacheBytes / 1e6),
    number(work.flops / 1e9, 2),
    kernel.registers,
    number(kernel.sharedBytes / 1024),
    kernel.blocks,
    kernel.mainLoop,
    kernel.instructions,
    ...micros.map((each) => number(each)),
    "",
  ]),
  [
    ...["**a pass**", total(() => 1), number(total(({ work }) => work.bytes) / 1e6), "", ""],
    ...["", "", "", "", ""],
    ...gates.map((_, index) => number(total(({ micros }) => micros[index]))),
    "",
  ],
]);

const text = readFileSync(page, "utf8");
const made = `${text.slice(0, text.indexOf(begin) + begin.length)}\n\n${table}\n\n${text.slice(text.indexOf(end))}`;
if (!process.argv.includes("--check")) writeFileSync(page, made);
else if (made !== text) {
  console.error("docs/cuda.md is stale: run `node scripts/cudaBudget.mjs`");
  process.exit(1);
}
