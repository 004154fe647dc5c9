/** Generations of other implementations with the CUDA kernels, run on the processor, where the device decides. */
import { traceSuites } from "../suites/index.ts";
import { runSuite } from "../support/vitest.ts";
import { extent, onDevice } from "./surroundings.ts";

for (const suite of await traceSuites({ ...onDevice(), loop: "device" }, extent)) runSuite(suite);
