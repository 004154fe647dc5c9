import { describe, test } from "vitest";
import type { Suite } from "../suites/suite.ts";

/** Runs a suite under vitest, one test a case. */
export function runSuite(suite: Suite): void {
  describe(suite.name, () => {
    for (const { name, run } of suite.cases) test(name, run);
  });
}
