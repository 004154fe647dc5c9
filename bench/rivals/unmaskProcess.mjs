// A contestant: unmask in a process.
import { basename, dirname } from "node:path";
import { cpu } from "../../dist/backends/cpu/index.js";
import { wasm } from "../../dist/backends/wasm/index.js";
import { directory } from "../../dist/node.js";
import { oneFile } from "../../dist/sources/oneFile.js";
import { idsOf } from "./tokens.mjs";
import { openPasses } from "./unmask.mjs";

/** @param exact whether the reference computes, which rounds no activations */
export function open({ file, threads, rows, context, whole, exact = false }) {
  const source = oneFile(directory(dirname(file)), basename(file));
  const backend = exact ? cpu() : wasm({ threads });
  return openPasses(source, backend, { rows, ids: idsOf(context), whole });
}
