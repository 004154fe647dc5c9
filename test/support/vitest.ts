import { afterAll, describe, test } from "vitest";
import { caseLimitMs, type Suite } from "../suites/suite.ts";

/** Runs a suite under vitest, one test per case. */
export function runSuite({ name, cases, end }: Suite): void {
  describe(name, () => {
    for (const each of cases) test(each.name, { timeout: caseLimitMs }, () => each.run());
    if (end) afterAll(end);
  });
}
