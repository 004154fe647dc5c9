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
  const ptx = join(folder, `${file}.ptx`);
  const common = ["-std=c++17", "-I", join(root, "native/src"), source];
  nvcc("-arch=compute_90", "-ptx", ...common, "-o", ptx);
  const { stderr } = nvcc(
    "-arch=sm_90",
    "-cubin",
    "-Xptxas",
    "-v",
    ...common,
    "-o",
    join(folder, `${file}.cubin`),
  );
  compiled.set(file, { log: stderr, ptx: readFileSync(ptx, "utf8") });
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
const cells = (values) => `| ${values.join(" | ")} |`;
const head = [
  ...["kernel", "times", "MB", "MB in cache", "GFLOP", "registers", "KiB shared", "blocks a multiprocessor"],
  ...["PTX of the main loop: multiplications / all instructions", "µs at .58", "µs at .75", "µs measured"],
];
const table = [
  cells(head),
  cells(head.map((_, index) => (index === 0 ? "---" : "---:"))),
  ...rows.map(({ work, kernel, micros }) =>
    cells([
      work.name,
      work.count,
      number(work.bytes / 1e6),
      number(work.cacheBytes / 1e6),
      number(work.flops / 1e9, 2),
      kernel.registers,
      number(kernel.sharedBytes / 1024),
      kernel.blocks,
      kernel.loop,
      ...micros.map((each) => number(each)),
      "",
    ]),
  ),
  cells([
    ...["**a pass**", "", number(total(({ work }) => work.bytes) / 1e6), "", ""],
    ...["", "", "", ""],
    ...gates.map((_, index) => number(total(({ micros }) => micros[index]))),
    "",
  ]),
].join("\n");

const text = readFileSync(page, "utf8");
const made = `${text.slice(0, text.indexOf(begin) + begin.length)}\n\n${table}\n\n${text.slice(text.indexOf(end))}`;
if (!process.argv.includes("--check")) writeFileSync(page, made);
else if (made !== text) {
  console.error("docs/cuda.md is stale: run `node scripts/cudaBudget.mjs`");
  process.exit(1);
}
