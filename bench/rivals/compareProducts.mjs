// Single products: unmask and onnxruntime-web's WebAssembly.
import { Contestant } from "./contestant.mjs";
import { cellsOf, inTurns } from "./paired.mjs";

/** Pairs of a type of ours and an operator of onnxruntime-web's. */
const pairs = [
  { dtype: "f32", kind: "f32", name: "MatMul, f32" },
  { dtype: "q8_0", kind: "dynamic int8", name: "DynamicQuantizeMatMul" },
  { dtype: "q8_0", kind: "MatMulNBits, 8 bits", name: "MatMulNBits, 8 bits" },
  { dtype: "q4_0", kind: "MatMulNBits, 4 bits", name: "MatMulNBits, 4 bits" },
];
const products = {
  dream: [
    { rows: 9728, columns: 896 },
    { rows: 896, columns: 4864 },
  ],
  mixture: [{ rows: 1024, columns: 1024 }],
};
const repeats = 5;

export async function compareProducts({ shapes, types, threads: counts, rows, rounds, report, missing }) {
  const table = [
    ["product", "threads", "unmask", "GFLOP/s", "onnxruntime-web", "GFLOP/s", "ratio", "of processor time"],
  ];
  const wanted = pairs.filter(({ dtype }) => dtype === "f32" || types.includes(dtype));
  for (const product of shapes.flatMap((shape) => products[shape])) {
    for (const threads of counts) {
      for (const pair of wanted) table.push(await compare(pair, { product, threads, tokens: rows, repeats }));
    }
  }
  report.section(`Products of ${rows} rows`, table);

  async function compare({ dtype, kind, name }, options) {
    const sides = [await Contestant.start("./productProcess.mjs", { ...options, dtype })];
    if (!missing.has("onnxruntime-web")) {
      sides.push(await Contestant.start("./onnxProcess.mjs", { ...options, kind }));
    }
    const { product, threads, tokens } = options;
    const flops = 2 * tokens * product.rows * product.columns;
    const cells = (times, first) => {
      const [ms, ...ratios] = cellsOf(times, first, 2);
      return [ms, (flops / Number.parseFloat(ms) / 1e6).toFixed(0), ...ratios];
    };
    const [ours, theirs] = await inTurns(sides, rounds);
    for (const side of sides) await side.stop();
    const what = `${product.columns} to ${product.rows}, ${dtype}; ${name}`;
    const rest = theirs ? cells(theirs, ours) : ["", "", "", ""];
    return [what, threads, ...cells(ours), ...rest];
  }
}
