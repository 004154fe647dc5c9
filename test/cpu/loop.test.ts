import { loopSuite } from "../suites/loop.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { runSuite } from "../support/vitest.ts";

// Decoders run as they are: the loop beside the CPU backend has every one.
runSuite(await loopSuite(cpuSurroundings, 3, () => true));
