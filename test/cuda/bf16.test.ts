/** Every op with activations in bf16, on tensor cores that the test device imitates. */
import { conformanceSuite } from "../suites/conformance/index.ts";
import { runSuite } from "../support/vitest.ts";
import { onDevice } from "./surroundings.ts";

const sharded = conformanceSuite(onDevice({ activations: "bf16", maxBindingBytes: 2304 }));
runSuite(conformanceSuite(onDevice({ activations: "bf16" })));
runSuite({ ...sharded, name: "conformance, weights in shards" });
