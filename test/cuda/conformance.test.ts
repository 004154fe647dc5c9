/** Every op with the CUDA kernels, run on the processor. */
import { conformanceSuite } from "../suites/conformance/index.ts";
import { runSuite } from "../support/vitest.ts";
import { onDevice } from "./surroundings.ts";

const sharded = conformanceSuite(onDevice({ maxBindingBytes: 2304 }));
runSuite(conformanceSuite(onDevice()));
runSuite({ ...sharded, name: "conformance, weights in shards" });
