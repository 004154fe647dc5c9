/** Every op with the CUDA kernels on the checked host device, under Deno; `scripts/checkMemory.mjs` starts it. */
import process from "node:process";
import { cuda } from "../../src/backends/cuda/index.ts";
import { conformanceSuite } from "../suites/conformance/index.ts";
import { runSuites } from "../suites/runSuites.ts";
import { filesOnDisk } from "../support/surroundings.ts";

const suites = [undefined, 2304].map((maxBindingBytes) =>
  conformanceSuite({
    ...filesOnDisk,
    backend: cuda({ device: "checked", ...(maxBindingBytes && { maxBindingBytes }) }),
  }),
);
const { passed, failed } = await runSuites(suites, console.log);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
