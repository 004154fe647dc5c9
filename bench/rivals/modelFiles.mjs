// GGUF files of random weights in a folder that is removed at the end.
import { mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertModel } from "../../dist/core/convert/index.js";
import { randomModel } from "./randomModel.mjs";

const folder = mkdtempSync(join(tmpdir(), "unmask-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/**
 * @param dtype of the matrices: bf16 or a quantized type
 * @returns the path of the file
 */
export async function ggufFile(model, dtype) {
  const path = join(folder, `${model.replace(" ", "-")}-${dtype}.gguf`);
  const file = openSync(path, "w");
  const write = async (_, position, bytes) => {
    writeSync(file, bytes, 0, bytes.length, position);
  };
  const quantize = dtype === "bf16" ? undefined : dtype;
  await convertModel(randomModel(model), { write }, { to: "gguf", quantize });
  return path;
}

export function removeFile(path) {
  rmSync(path, { force: true });
}
