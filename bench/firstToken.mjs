// Times `npm start` from the start of the process to the first text of the answer and to its end, on the backend that it chooses and
// on the plain one, in turns: node bench/firstToken.mjs [--rounds 15]
import { spawn } from "node:child_process";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cellsOf, inTurns } from "./rivals/paired.mjs";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "15" } } });
const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

/** @returns milliseconds to the first text of the answer, and to the end */
function run(args) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, [main, "generate", "--example", ...args], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    let first;
    child.stdout.on("data", () => {
      first ??= performance.now() - start;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code !== 0 || first === undefined) reject(new Error(`generate ended with ${code}`));
      else resolve({ first, end: performance.now() - start });
    });
  });
}

const ends = new Map();
const side = (name, args) => ({
  async step() {
    const { first, end } = await run(args);
    ends.set(name, [...(ends.get(name) ?? []), { ms: end }]);
    return { ms: first };
  },
});
const chosen = side("chosen", []);
const plain = side("cpu", ["--backend", "cpu"]);
const warm = 1;
const [ours, theirs] = await inTurns([chosen, plain], Number(values.rounds), warm);
console.log(`Node ${process.version}, ${cpus()[0]?.model}`);
const show = (title, a, b) => {
  const [chosenMs] = cellsOf(a);
  const [plainMs, ratio] = cellsOf(b, a);
  console.log(`${title}, ms: ${chosenMs}, with --backend cpu ${plainMs}, ratio ${ratio}`);
};
show("first text", ours, theirs);
show("end", ends.get("chosen").slice(warm), ends.get("cpu").slice(warm));
