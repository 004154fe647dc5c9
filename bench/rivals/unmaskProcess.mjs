// A contestant: unmask in a process.
import { basename, dirname } from "node:path";
import { directory } from "../../dist/node.js";
import { oneFile } from "../../dist/sources/oneFile.js";
import { idsOf } from "./tokens.mjs";
import { openPasses } from "./unmask.mjs";

export function open({ file, threads, rows, context, whole }) {
  const source = oneFile(directory(dirname(file)), basename(file));
  return openPasses(source, { threads, rows, ids: idsOf(context), whole });
}
