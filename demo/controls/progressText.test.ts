import { expect, test } from "vitest";
import { progressText, shareOf } from "./progressText.ts";

const bytes = { loadedBytes: 1e9, totalBytes: 4e9 };

test("each stage is named, with bytes, rate and time", () => {
  expect(progressText(undefined)).toBe("Opening files");
  const download = { stage: "download", ...bytes, bytesPerSecond: 2e6, secondsLeft: 1500 } as const;
  expect(progressText(download)).toBe("Downloading: 1.00 GB of 4.00 GB, 2.0 MB/s, 25 min 0 s left");
  expect(progressText({ stage: "weights", ...bytes, bytesPerSecond: 0 })).toBe(
    "Moving weights to the device: 1.00 GB of 4.00 GB",
  );
});

test("compiling counts kernels, and not bytes", () => {
  const compile = {
    stage: "compile",
    ...bytes,
    bytesPerSecond: 0,
    compiledCount: 5,
    pipelineCount: 20,
  } as const;
  expect(progressText(compile)).toBe("Compiling kernels: 5 of 20");
  expect(shareOf(compile)).toBe(0.25);
  expect(shareOf({ stage: "weights", ...bytes, bytesPerSecond: 0 })).toBe(0.25);
  expect(shareOf(undefined)).toBe(0);
});
