import { quantizedSuite } from "../suites/quantized.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { runSuite } from "../support/vitest.ts";

runSuite(quantizedSuite(cpuSurroundings));
