import { expect, test } from "vitest";
import { downloadText, roomText, verdictText } from "./fitText.ts";

test("a verdict names the device, or the limit with units", () => {
  const device = { backend: "webgpu", device: "WebGPU on X" };
  expect(verdictText({ kind: "fits" }, device)).toMatch(/^Fits the limits of WebGPU on X/);
  const why =
    "'layers.0.keys' takes 4294967296 bytes, and the device holds at most 2147483648 in one piece; it would fit with a context of at most 2048";
  expect(verdictText({ kind: "exceeds", why }, device)).toBe(
    "Does not fit: 'layers.0.keys' takes 4.29 GB, and the device holds at most 2.15 GB in one piece; it would fit with a context of at most 2048.",
  );
});

test("a download counts what is kept already", () => {
  const text = (totalBytes: number, presentBytes: number) =>
    downloadText({ download: { totalBytes, presentBytes }, checkpointBytes: 5e9 });
  expect(text(5e9, 0)).toBe("5.00 GB");
  expect(text(5e9, 2e9)).toBe("3.00 GB more, 2.00 GB are kept");
  expect(text(0, 0)).toBe("none, it is kept here");
  expect(downloadText({ checkpointBytes: 5e9 })).toBe("none, 5.00 GB are read");
});

test("room is needed for what is missing", () => {
  const download = { totalBytes: 5e9, presentBytes: 2e9 };
  expect(roomText({ download }, 3e9)).toMatchObject({ isEnough: true });
  expect(roomText({ download }, 2.9e9)).toMatchObject({
    isEnough: false,
    text: expect.stringContaining("takes 3.00 GB. Delete kept models"),
  });
  expect(roomText({}, 1)).toBeUndefined();
  expect(roomText({ download }, undefined)).toBeUndefined();
});
