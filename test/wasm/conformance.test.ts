import { wasm } from "../../src/backends/wasm/index.ts";
import { conformanceSuite } from "../suites/conformance/index.ts";
import { filesOnDisk } from "../support/surroundings.ts";
import { runSuite } from "../support/vitest.ts";

for (const threads of [1, 3]) {
  const suite = conformanceSuite({ ...filesOnDisk, backend: wasm({ threads }) });
  runSuite({ ...suite, name: `${suite.name}, threads: ${threads}` });
}
