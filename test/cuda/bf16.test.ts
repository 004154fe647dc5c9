/** Every op with activations in bf16, on tensor cores that the test device imitates. */
import { cuda } from "../../src/backends/cuda/index.ts";
import { conformanceSuite } from "../suites/conformance/index.ts";
import { filesOnDisk } from "../support/surroundings.ts";
import { runSuite } from "../support/vitest.ts";

const backend = cuda({ device: "host", activations: "bf16" });
runSuite(conformanceSuite({ ...filesOnDisk, backend, activations: "bf16" }));
