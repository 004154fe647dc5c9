import { traceSuite } from "../suites/traces.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { runSuite } from "../support/vitest.ts";

// All traces, in two files so that two processes share them; the other half is in tracesOdd.test.ts.
runSuite(await traceSuite(cpuSurroundings, (traces) => traces.filter((_, index) => index % 2 === 0)));
