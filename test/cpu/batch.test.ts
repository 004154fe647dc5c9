import { batchSuite } from "../suites/batch.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { runSuite } from "../support/vitest.ts";

runSuite(batchSuite(cpuSurroundings));
