// The page of bench/loading.mjs: loads the chosen files.
import { wasm } from "../../../src/backends/wasm/index.ts";
import { Engine } from "../../../src/core/index.ts";
import { blobs } from "../../../src/sources/index.ts";
import { loadAndRun } from "./load.mjs";
import { secondsOfReading } from "./reading.mjs";

const chosen = () => document.querySelector("input").files;
globalThis.loadChosen = (options) => loadAndRun({ Engine, wasm }, blobs(chosen()), options);
/** In a tab of its own, as its memory would count. */
globalThis.readChosen = () =>
  secondsOfReading(
    blobs(chosen()),
    Array.from(chosen(), ({ name }) => name),
  );
