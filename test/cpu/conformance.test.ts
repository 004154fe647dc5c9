import { conformanceSuite } from "../suites/conformance/index.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { runSuite } from "../support/vitest.ts";

runSuite(conformanceSuite(cpuSurroundings));
