/** Runs the suites under Deno, from the sources as they are. Ends with `N passed, N failed`. */
import process from "node:process";
import { conformanceSuite } from "../suites/conformance/index.ts";
import { logitsSuite } from "../suites/logits.ts";
import { traceSuite } from "../suites/traces.ts";
import { cpuSurroundings } from "../support/surroundings.ts";

const suites = [
  conformanceSuite(cpuSurroundings),
  logitsSuite(cpuSurroundings),
  // One trace of each configuration: the CPU backend is the same code under Node, where all of them run.
  await traceSuite(cpuSurroundings, (index) => index === 0),
];
let passed = 0;
let failed = 0;
for (const { name, cases } of suites) {
  for (const each of cases) {
    try {
      await each.run();
      passed++;
    } catch (error) {
      failed++;
      console.error(`${name}: ${each.name}: ${error instanceof Error ? error.stack : error}`);
    }
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
