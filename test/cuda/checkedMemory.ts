/**
 * Every op with the CUDA kernels of both modes under Deno, beneath a tool that checks memory: on the checked host device, which
 * `scripts/checkMemory.mjs` starts, or with the argument `gpu` on a GPU, for compute-sanitizer.
 */
import process from "node:process";
import { conformanceSuite } from "../suites/conformance/index.ts";
import { runSuites } from "../suites/runSuites.ts";
import { onDevice } from "./surroundings.ts";

const device = process.argv[2] === "gpu" ? "gpu" : "checked";
const suites = (["f32", "bf16"] as const).flatMap((activations) =>
  [undefined, 2304].map((maxBindingBytes) => {
    const suite = conformanceSuite(
      onDevice({ device, activations, ...(maxBindingBytes && { maxBindingBytes }) }),
    );
    return { ...suite, name: `activations in ${activations}${maxBindingBytes ? ", weights in shards" : ""}` };
  }),
);
const { passed, failed } = await runSuites(suites, console.log);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
