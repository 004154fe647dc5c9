/**
 * How many of the recorded generations of other implementations have the same tokens in the same steps with activations in bf16. A
 * rounded activation can decide otherwise where two tokens are nearly equal, so this is a figure and no test. Under Deno:
 *   deno run -A test/cuda/agreement.ts [--device gpu] [--cache f16] [--part 1/4]
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { cacheDTypes } from "../../src/core/tensor/index.ts";
import { traceSuites } from "../suites/index.ts";
import { onDevice } from "./surroundings.ts";

const { values } = parseArgs({
  options: {
    device: { type: "string", default: "host" },
    cache: { type: "string", default: "f32" },
    part: { type: "string", default: "1/1" },
  },
});
const cacheDType = cacheDTypes.find((each) => each === values.cache);
const device = (["host", "gpu"] as const).find((each) => each === values.device);
const [part, parts] = values.part.split("/").map(Number) as [number, number];
if (!cacheDType || !device || !(part >= 1 && part <= parts)) {
  console.error("Usage: agreement.ts [--device host|gpu] [--cache f32|f16] [--part 1/4]");
  process.exit(2);
}
const surroundings = onDevice({ device, activations: "bf16" });
const suites = await traceSuites({ ...surroundings, loop: "device", cacheDType }, "all");
let [agreeing, all] = [0, 0];
for (const { cases, end } of suites) {
  for (const { name, run } of cases.filter((_, index) => index % parts === part - 1)) {
    all++;
    try {
      await run();
      agreeing++;
    } catch (error) {
      console.log(`number ${all}, ${name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  await end?.();
}
console.log(`${agreeing} of ${all} agree, keys and values in ${cacheDType}`);
