// The page of bench/loading.mjs: loads the chosen files.
import { wasm } from "../../../src/backends/wasm/index.ts";
import { Engine } from "../../../src/core/index.ts";
import { blobs } from "../../../src/sources/index.ts";
import { loadAndRun } from "./load.mjs";

globalThis.loadChosen = (options) =>
  loadAndRun({ Engine, wasm }, blobs(document.querySelector("input").files), options);
