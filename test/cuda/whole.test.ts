/** Whole models with the CUDA kernels, run on the processor. */
import process from "node:process";
import { cuda } from "../../src/backends/cuda/index.ts";
import { backendSuites } from "../suites/index.ts";
import { filesOnDisk } from "../support/surroundings.ts";
import { runSuite } from "../support/vitest.ts";

const extent = process.env["UNMASK_TRACES"] === "all" ? "all" : "some";
for (const suite of await backendSuites(
  { ...filesOnDisk, backend: cuda({ device: "host", activations: "f32" }) },
  extent,
))
  runSuite(suite);
