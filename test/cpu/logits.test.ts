import { logitsSuite } from "../suites/logits.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { runSuite } from "../support/vitest.ts";

runSuite(logitsSuite(cpuSurroundings));
