/** Every op with the CUDA kernels, run on the processor. */
import { cuda } from "../../src/backends/cuda/index.ts";
import { conformanceSuite } from "../suites/conformance/index.ts";
import { filesOnDisk } from "../support/surroundings.ts";
import { runSuite } from "../support/vitest.ts";

const suite = conformanceSuite({ ...filesOnDisk, backend: cuda({ device: "host", activations: "f32" }) });
const sharded = conformanceSuite({
  ...filesOnDisk,
  backend: cuda({ device: "host", activations: "f32", maxBindingBytes: 2304 }),
});
runSuite(suite);
runSuite({ ...sharded, name: "conformance, weights in shards" });
