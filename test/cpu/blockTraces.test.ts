import { blockTraceSuite } from "../suites/blockTraces.ts";
import { everyTrace } from "../suites/oracleFiles.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { runSuite } from "../support/vitest.ts";

runSuite(await blockTraceSuite(cpuSurroundings, ["block", "none", "dual"], everyTrace));
