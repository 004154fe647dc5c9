/** What the compiler says of a kernel: registers and shared memory as it reports them, and the instructions of its PTX. */

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

/** The instructions of a kernel in order, and the places of its labels. */
function instructionsOf(ptx, name) {
  const from = ptx.indexOf(`.entry ${name}(`);
  const body = ptx.slice(from, ptx.indexOf("\n}", from));
  const instructions = [];
  const labels = new Map();
  for (const line of body
    .slice(body.indexOf("{"))
    .split("\n")
    .map((each) => each.trim())) {
    const label = line.match(/^(\$\w+):/)?.[1];
    if (label) labels.set(label, instructions.length);
    else if (/^(@!?%p\d+\s+)?[a-z]\w*[.\w:]*(\s|;)/.test(line)) instructions.push(line);
  }
  return { instructions, labels };
}

/** Of the loop with most multiplications of tensor cores, the innermost one; without any, of the longest loop. */
function mainLoop({ instructions, labels }) {
  const loops = instructions.flatMap((text, at) => {
    const start = labels.get(text.match(/\bbra(?:\.uni)?\s+(\$\w+)/)?.[1]);
    return start !== undefined && start <= at ? [instructions.slice(start, at + 1)] : [];
  });
  const products = (loop) => loop.filter((text) => text.startsWith("mma.sync")).length;
  const sign = (loop) => (products(loop) > 0 ? 1 : -1);
  loops.sort((a, b) => products(b) - products(a) || sign(a) * (a.length - b.length));
  return loops[0] ? `${products(loops[0])} / ${loops[0].length}` : "none";
}

/** @returns registers of a thread, bytes of shared memory, blocks of a multiprocessor and the main loop of a kernel */
export function compiledKernel({ log, ptx }, { pattern, threads, dynamicBytes }) {
  const { name, text } = reportOf(log, pattern);
  const registers = Number(text.match(/Used (\d+) registers/)[1]);
  const sharedBytes = Number(text.match(/(\d+) bytes smem/)?.[1] ?? 0) + dynamicBytes;
  const byRegisters = Math.floor(registersOfAll / (Math.ceil(registers / 8) * 8 * threads));
  const byShared = Math.floor(sharedOfAll / (sharedBytes + sharedOfSystem));
  const blocks = Math.min(byRegisters, byShared, Math.floor(threadsOfAll / threads));
  return { registers, sharedBytes, blocks, loop: mainLoop(instructionsOf(ptx, name)) };
}
