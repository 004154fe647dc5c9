/** Whole models with the CUDA kernels, run on the processor; the traces are in files of their own, so that processes share them. */
import { modelSuites } from "../suites/index.ts";
import { runSuite } from "../support/vitest.ts";
import { extent, onDevice } from "./surroundings.ts";

for (const suite of await modelSuites(onDevice(), extent)) runSuite(suite);
