/** Runs suites where there is no test runner: under Deno and in a page. */
import { caseLimitMs, type Suite } from "./suite.ts";

export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** @param tell gets a line for each case that fails and one for each suite that has ended */
export async function runSuites(suites: readonly Suite[], tell: (line: string) => void): Promise<Counts> {
  let passed = 0;
  let failed = 0;
  for (const { name, cases, end } of suites) {
    const start = performance.now();
    const before = failed;
    for (const each of cases) {
      try {
        await within(caseLimitMs, each.run());
        passed++;
      } catch (error) {
        failed++;
        tell(`${name}: ${each.name}: ${error instanceof Error ? error.stack : error}`);
      }
    }
    try {
      await end?.();
    } catch (error) {
      failed++;
      tell(`${name}: at the end: ${error instanceof Error ? error.stack : error}`);
    }
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    tell(`${name}: ${cases.length} cases, ${failed - before} failed, ${seconds} s`);
  }
  return { passed, failed };
}

async function within(ms: number, promise: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It took longer than ${ms / 1000} s`)), ms);
  });
  try {
    await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
