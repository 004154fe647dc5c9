// A contestant: one product in onnxruntime-web's WebAssembly, again and again.
import * as ort from "onnxruntime-web";
import { onnxModel } from "./onnxModel.mjs";

const com = "com.microsoft";
const block = 32;

/** Nodes from x to y, and their weights, by kind. The numbers of the weights play no part in the time. */
const kinds = {
  f32: (rows, columns) => ({
    node: { op: "MatMul", inputs: ["x", "w"], outputs: ["y"] },
    weights: [filled("w", "f32", [columns, rows])],
  }),
  "dynamic int8": (rows, columns) => ({
    node: { op: "DynamicQuantizeMatMul", domain: com, inputs: ["x", "w", "scales"], outputs: ["y"] },
    weights: [filled("w", "i8", [columns, rows]), filled("scales", "f32", [rows])],
  }),
  "MatMulNBits, 8 bits": (rows, columns) => narrow(rows, columns, 8),
  "MatMulNBits, 4 bits": (rows, columns) => narrow(rows, columns, 4),
};
export const onnxKinds = Object.keys(kinds);

function narrow(rows, columns, bits) {
  const blocks = columns / block;
  const attributes = { K: columns, N: rows, bits, block_size: block, accuracy_level: 4 };
  return {
    node: { op: "MatMulNBits", domain: com, inputs: ["x", "w", "scales"], outputs: ["y"], attributes },
    weights: [
      filled("w", "u8", [rows, blocks, (block * bits) / 8]),
      filled("scales", "f32", [rows * blocks]),
    ],
  };
}

function filled(name, type, shape) {
  const count = shape.reduce((product, size) => product * size);
  const values =
    type === "f32"
      ? Float32Array.from({ length: count }, (_, index) => ((index % 251) - 125) / 1000)
      : Uint8Array.from({ length: count }, (_, index) => index % 251);
  return { name, type, shape, bytes: new Uint8Array(values.buffer) };
}

/** @param product.rows and `columns` of the weight */
export async function open({ kind, product: { rows, columns }, tokens, threads, repeats }) {
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = "error";
  const { node, weights } = kinds[kind](rows, columns);
  // One row of the product is read, so that no copy is a part of the time.
  const nodes = [node, { op: "Gather", inputs: ["y", "zero"], outputs: ["row"] }];
  const zero = {
    name: "zero",
    type: "i64",
    shape: [],
    bytes: new Uint8Array(new BigInt64Array([0n]).buffer),
  };
  const inputs = [{ name: "x", shape: [tokens, columns] }];
  const outputs = [{ name: "row", shape: [rows] }];
  const model = onnxModel({ nodes, weights: [...weights, zero], inputs, outputs });
  const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
  const data = Float32Array.from({ length: tokens * columns }, (_, index) => ((index % 97) - 48) / 50);
  const x = new ort.Tensor("float32", data, [tokens, columns]);
  return {
    about: `onnxruntime-web ${ort.env.versions.web}, ${kind}`,
    /** @returns milliseconds of a product, the mean of some */
    async step() {
      const start = performance.now();
      for (let repeat = 0; repeat < repeats; repeat++) await session.run({ x });
      return (performance.now() - start) / repeats;
    },
  };
}
