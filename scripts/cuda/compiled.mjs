/** What the compiler makes of a kernel: registers and shared memory as it reports them, and instructions. */
import { instructionsOf } from "./sass.mjs";

/** Of a multiprocessor of compute capability 9.0. */
const registersOfAll = 65536;
const threadsOfAll = 2048;
const sharedOfAll = 233472;
const sharedOfSystem = 1024;

/** The report of `-Xptxas -v` on the one kernel whose mangled name fits. */
function reportOf(log, pattern) {
  const reports = log.split("Compiling entry function '").slice(1);
  const own = reports.filter((report) => pattern.test(report.slice(0, report.indexOf("'"))));
  if (own.length !== 1) throw new Error(`Expected one kernel for ${pattern}, found ${own.length}`);
  return { name: own[0].slice(0, own[0].indexOf("'")), text: own[0] };
}

/** @returns registers of a thread, bytes of shared memory, blocks of a multiprocessor, and the instructions of the main loop and of all of a kernel */
export function compiledKernel({ log, cubin }, { pattern, threads, dynamicBytes }) {
  const { name, text } = reportOf(log, pattern);
  const registers = Number(text.match(/Used (\d+) registers/)[1]);
  const sharedBytes = Number(text.match(/(\d+) bytes smem/)?.[1] ?? 0) + dynamicBytes;
  const byRegisters = Math.floor(registersOfAll / (Math.ceil(registers / 8) * 8 * threads));
  const byShared = Math.floor(sharedOfAll / (sharedBytes + sharedOfSystem));
  const blocks = Math.min(byRegisters, byShared, Math.floor(threadsOfAll / threads));
  const { all, loop } = instructionsOf(cubin, name);
  const mainLoop = loop ? `${loop.products} / ${loop.all}` : "none";
  return { registers, sharedBytes, blocks, mainLoop, instructions: all };
}
