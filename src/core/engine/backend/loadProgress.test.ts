import { describe, expect, test } from "vitest";
import { type LoadProgress, LoadReport } from "./loadProgress.ts";

/** A `LoadReport` with its own clock, and the progress that it reported. */
function recordedReport() {
  const reported: (LoadProgress & { readonly ms: number })[] = [];
  const clock = { ms: 0 };
  const report = new LoadReport(
    (progress) => reported.push({ ...progress, ms: clock.ms }),
    () => clock.ms,
  );
  return { reported, clock, report };
}
const bytes = (loadedBytes: number, totalBytes: number) => ({
  loadedBytes,
  totalBytes,
  receivedBytes: loadedBytes,
});

describe("LoadReport", () => {
  test("reports at most ten times per second, and always the first and the last progress of a stage", () => {
    const { reported, clock, report } = recordedReport();
    report.begin("download");
    for (let i = 0; i <= 2000; i++) {
      clock.ms = i / 2;
      report.bytes(bytes(i, 2000));
    }
    report.begin("weights");
    for (let i = 0; i <= 500; i++) report.bytes(bytes(i, 500));
    report.begin("compile");
    for (let i = 0; i <= 40; i++) report.compiled(i, 40);
    expect(reported.map(({ stage, loadedBytes, ms }) => [stage, loadedBytes, ms])).toEqual([
      ...Array.from({ length: 11 }, (_, i) => ["download", 200 * i, 100 * i]),
      ["weights", 0, 1000],
      ["weights", 500, 1000],
      ["compile", 500, 1000],
      ["compile", 500, 1000],
    ]);
    expect(reported.at(-2)).toMatchObject({ compiledCount: 0, pipelineCount: 40, totalBytes: 500 });
    expect(reported.at(-1)).toMatchObject({ compiledCount: 40, pipelineCount: 40, bytesPerSecond: 0 });
  });

  test("computes the rate from all bytes of the stage, including those between two reports", () => {
    const { reported, clock, report } = recordedReport();
    report.begin("download");
    for (let i = 1; i <= 1000; i++) {
      clock.ms = i;
      report.bytes(bytes(50 * i, 100_000));
    }
    expect(reported.at(-1)!.bytesPerSecond).toBeCloseTo(50_000, 0);
    expect(reported.at(-1)!.secondsLeft).toBeCloseTo((100_000 - reported.at(-1)!.loadedBytes) / 50_000, 2);
    report.begin("weights");
    report.bytes(bytes(0, 10));
    expect(reported.at(-1)).toMatchObject({ stage: "weights", bytesPerSecond: 0 });
  });
});

test("works without a callback", () => {
  const report = new LoadReport(undefined);
  report.begin("weights");
  expect(() => report.bytes(bytes(1, 2))).not.toThrow();
});
