/** Generations of other implementations with the CUDA kernels, run on the processor, where the device decides. */
import { traceSuites } from "../suites/index.ts";
import { runSuite } from "../support/vitest.ts";
import { extent, hostDevice } from "./hostDevice.ts";

for (const suite of await traceSuites({ ...hostDevice, loop: "device" }, extent)) runSuite(suite);
