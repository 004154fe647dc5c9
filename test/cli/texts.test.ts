import { expect, test, vi } from "vitest";
import { type BackendEntry, pickBackend } from "../../src/backends/named.ts";
import { exitCodeOf, failureText } from "../../src/cli/fail.ts";
import { bytesText, countText, operationsText, table } from "../../src/cli/format.ts";
import { requireAbilities } from "../../src/cli/load.ts";
import { progressText, summaryText } from "../../src/cli/progressText.ts";
import { Throttle } from "../../src/cli/throttle.ts";
import { DiffusionError, type DiffusionErrorCode } from "../../src/core/index.ts";

test("numbers have units", () => {
  expect([0, 1023, 1536, 20 * 2 ** 20].map(bytesText)).toEqual(["0 B", "1023 B", "1.50 KiB", "20.0 MiB"]);
  expect([7, 1_867_136].map(countText)).toEqual(["7", "1.87 M"]);
  expect([0, 75_800_000].map(operationsText)).toEqual(["0 FLOP", "75.8 MFLOP"]);
});

test("tables align their columns", () => {
  const rows = [
    ["a", "1", "x"],
    ["bcd", "20", ""],
  ];
  expect(table(rows, [1])).toBe("a     1  x\nbcd  20");
});

test("progress and summary have counts and rates", () => {
  const progress = { block: 1, blocks: 4, committed: 50, total: 128, forwards: 10, elapsedMs: 500 };
  expect(progressText(progress)).toBe(
    "block 2/4 · 50/128 tokens · 10 forwards · 5.0 tok/forward · 100.0 tok/s",
  );
  expect(progressText({ ...progress, block: 4 })).toContain("block 4/4");
  expect(progressText({ ...progress, blocks: 0, forwards: 0, committed: 0, elapsedMs: 0 })).toBe(
    "0/128 tokens · 0 forwards · 0.0 tok/forward · 0.0 tok/s",
  );
  const usage = {
    promptTokens: 9,
    completionTokens: 8,
    forwards: 1,
    prefills: 0,
    sharedTokens: 0,
    rows: 64,
    refreshes: 2,
    tokensPerForward: 8,
    queuedMs: 0,
    decodeMs: 440,
    tokensPerSecond: 18.2,
  };
  expect(summaryText(usage, "stop")).toBe(
    "8 tokens · 1 forward (2 refreshes) · 8.0 tok/forward · 18.2 tok/s · 0.44 s · stopped",
  );
  expect(summaryText(usage, "length")).toContain("reached the length limit");
});

test.each<[DiffusionErrorCode, number]>([
  ["invalid-request", 2],
  ["invalid-file", 2],
  ["invalid-weights", 2],
  ["not-found", 2],
  ["unsupported", 2],
  ["text", 2],
  ["context-exceeded", 2],
  ["out-of-memory", 1],
  ["numeric", 1],
  ["io", 1],
  ["internal", 1],
  ["aborted", 130],
])("'%s' ends with exit code %d", (code, exitCode) => {
  expect(exitCodeOf(new DiffusionError(code, ""))).toBe(exitCode);
});

test("failures are printed without a stack; --verbose adds the causes", () => {
  const cause = new Error("disk on fire", { cause: new Error("heat") });
  const error = new DiffusionError("io", "Cannot read", { cause });
  expect(failureText(error, false)).toBe("unmask: Cannot read\n");
  expect(failureText(error, true)).toBe(
    "unmask: Cannot read\n  caused by: disk on fire\n  caused by: heat\n",
  );
  expect(failureText(new DiffusionError("aborted", "x"), true)).toBe("unmask: interrupted\n");
});

test("an internal error is reported as a bug; --verbose adds the stack", () => {
  const error = new TypeError("x is undefined");
  expect(exitCodeOf(error)).toBe(1);
  expect(failureText(error, false)).toBe(
    "unmask: this is a bug: x is undefined\n--verbose prints the stack\n",
  );
  expect(failureText(error, true)).toContain("texts.test.ts");
});

function entry(name: string, missing?: string): BackendEntry {
  return {
    name,
    help: "",
    deviceLoop: false,
    profiles: false,
    whyUnusable: async () => missing,
    create: () => () => Promise.reject(new Error("not made")),
  };
}

test("auto picks the first available backend, and has reasons for the others", async () => {
  const known = [entry("fast", "there is no GPU"), entry("slow")];
  const picked = await pickBackend("auto", known);
  expect([picked.entry.name, picked.reason]).toEqual(["slow", "fast: there is no GPU"]);
  await expect(pickBackend("fast", known)).rejects.toThrow("Cannot use backend 'fast' as there is no GPU");
  await expect(pickBackend("warp", known)).rejects.toThrow('one of auto, fast, slow: found "warp"');
  await expect(pickBackend("auto", [known[0]!])).rejects.toThrow("none can be used: fast: there is no GPU");
});

test("auto passes over what is not installed, and names what is broken", async () => {
  const absent = { ...entry("absent", "it is not built"), isPresent: async () => false };
  const broken = {
    ...entry("broken", "it cannot be loaded: invalid ELF header"),
    isPresent: async () => true,
  };
  const { reason } = await pickBackend("auto", [absent, broken, entry("slow")]);
  expect(reason).toBe("broken: it cannot be loaded: invalid ELF header");
  await expect(pickBackend("absent", [absent])).rejects.toThrow(
    "Cannot use backend 'absent' as it is not built",
  );
});

test("a backend that auto avoids can be chosen by name", async () => {
  const known = [{ ...entry("emulated"), whyNotAuto: async () => "it is slow" }, entry("plain")];
  expect(await pickBackend("auto", known)).toEqual({ entry: known[1], reason: "emulated: it is slow" });
  expect((await pickBackend("emulated", known)).entry.name).toBe("emulated");
});

test("a backend without a device loop refuses '--decode-loop device', and no other loop", () => {
  const plain = entry("plain");
  expect(() => requireAbilities(plain, { decodeLoop: "device" })).toThrow(
    "Cannot run the decode loop on the device as backend 'plain' supports only the host",
  );
  requireAbilities(plain, { decodeLoop: "auto" });
  requireAbilities({ ...plain, deviceLoop: true }, { decodeLoop: "device" });
});

test("a backend that does not measure its ops refuses '--profile'", () => {
  const plain = entry("plain");
  expect(() => requireAbilities(plain, { profile: true })).toThrow(
    "Cannot use '--profile' as backend 'plain' does not measure the time of its ops",
  );
  requireAbilities({ ...plain, profiles: true }, { profile: true });
});

test("a throttle draws at once, then at most once per interval, and never drops the last request", () => {
  vi.useFakeTimers();
  try {
    let drawn = 0;
    const throttle = new Throttle(() => drawn++, 100);
    for (let i = 0; i < 5; i++) throttle.request();
    expect(drawn).toBe(1);
    vi.advanceTimersByTime(101);
    expect(drawn).toBe(2);
    throttle.request();
    throttle.stop();
    vi.advanceTimersByTime(1000);
    expect(drawn).toBe(2);
  } finally {
    vi.useRealTimers();
  }
});
