// GGUF files of random weights, as `unmask convert` writes them.
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertModel } from "../../dist/core/convert/index.js";
import { randomModel } from "./randomModel.mjs";

export class ModelFiles {
  #folder;
  #keeps;

  /** @param folder for files that are kept; by default a temporary one, for one file at a time */
  constructor(folder) {
    this.#keeps = folder !== undefined;
    if (this.#keeps) mkdirSync(folder, { recursive: true });
    this.#folder = folder ?? mkdtempSync(join(tmpdir(), "unmask-bench-"));
    if (!this.#keeps) process.on("exit", () => rmSync(this.#folder, { recursive: true, force: true }));
  }

  /**
   * @param model a name in `configs`
   * @param dtype of the matrices: bf16 or a quantized type
   * @param use gets the path of the file
   */
  async with(model, dtype, use) {
    const path = join(this.#folder, `${model.replace(" ", "-")}-${dtype}.gguf`);
    if (!existsSync(path)) await write(model, dtype, path);
    try {
      return await use(path);
    } finally {
      if (!this.#keeps) rmSync(path);
    }
  }
}

async function write(model, dtype, path) {
  const unfinished = `${path}.part`;
  const file = openSync(unfinished, "w");
  const output = {
    async write(_, position, bytes) {
      writeSync(file, bytes, 0, bytes.length, position);
    },
  };
  const quantize = dtype === "bf16" ? undefined : dtype;
  await convertModel(randomModel(model), output, { to: "gguf", quantize });
  closeSync(file);
  renameSync(unfinished, path);
}
