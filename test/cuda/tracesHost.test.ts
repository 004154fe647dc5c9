/** Generations of other implementations with the CUDA kernels, run on the processor; tracesDevice.test.ts is the same with the other loop. */
import { traceSuites } from "../suites/index.ts";
import { runSuite } from "../support/vitest.ts";
import { extent, onDevice } from "./surroundings.ts";

for (const suite of await traceSuites({ ...onDevice(), loop: "host" }, extent)) runSuite(suite);
