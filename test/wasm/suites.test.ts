import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { whyNoRelaxedSimd } from "../../src/backends/wasm/index.ts";
import { wasmSuites } from "../support/runtimeSuites.ts";
import { filesOnDisk } from "../support/surroundings.ts";
import { runSuite } from "../support/vitest.ts";

// Node 20 has relaxed SIMD behind a flag.
if (whyNoRelaxedSimd() !== undefined) setFlagsFromString("--experimental-wasm-relaxed-simd");
const extent = process.env["UNMASK_TRACES"] === "all" ? "all" : "some";
for (const suite of await wasmSuites(filesOnDisk, extent)) runSuite(suite);
