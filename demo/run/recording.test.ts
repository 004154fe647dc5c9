import { expect, test } from "vitest";
import type { Trace } from "../../src/core/index.ts";
import { maskToken, revokingRun, smallRun, startOf, stepOf, stopToken, texts } from "../testing/events.ts";
import { countersAt } from "./counters.ts";
import { historyOf } from "./history.ts";
import { historyText } from "./historyText.ts";
import { oneTokenPerForward } from "./oneTokenPerForward.ts";
import { Recording } from "./recording.ts";
import { recordTrace } from "./recordTrace.ts";
import { seriesOf } from "./series.ts";

function record(events = smallRun): Recording {
  const recording = new Recording({ stopTokens: [stopToken] });
  for (const event of events) recording.add(event);
  recording.nameTokens([...texts.keys()], texts);
  return recording;
}

test("a frame shows what stood there after its pass", () => {
  const recording = record();
  expect(recording.frameCount).toBe(4);
  const states = [0, 1, 2, 3].map((index) => recording.frame(index).cells.map(({ state }) => state));
  expect(states).toEqual([
    ["given", "given", "mask", "mask", "mask", "mask"],
    ["given", "given", "mask", "mask", "committed", "mask"],
    ["given", "given", "committed", "mask", "committed", "mask"],
    ["given", "given", "committed", "committed", "committed", "filled"],
  ]);
  expect(recording.frame(2).cells[2]).toMatchObject({
    text: "c",
    confidence: 0.5,
    writtenAt: 2,
    change: "commit",
  });
  expect(recording.frame(3).cells[2]).toMatchObject({
    text: "a",
    confidence: 0.99,
    change: "edit",
    isEdited: true,
  });
  expect(recording.frame(3).cells[4]).toMatchObject({ isControl: true, writtenAt: 1, change: undefined });
  expect(recording.frame(3).cells[5]).toMatchObject({ change: "fill", confidence: undefined });
});

test("a frame does not depend on the order in which frames are asked for", () => {
  const recording = record();
  const forwards = [0, 1, 2, 3].map((index) => recording.frame(index));
  const backwards = [3, 2, 1, 0].map((index) => recording.frame(index)).reverse();
  expect(backwards).toEqual(forwards);
  expect(() => recording.frame(4)).toThrow("below 4: found 4");
});

test("a frame has the guesses, the window and the block of its pass", () => {
  const recording = record();
  expect(recording.frame(0).cells[3]!.guess).toBeUndefined();
  expect(recording.frame(1).cells[3]!.guess).toEqual({
    token: 4,
    text: "b",
    isControl: false,
    confidence: 0.6,
  });
  expect(recording.frame(2).cells[3]!.guess).toMatchObject({ confidence: 0.8 });
  expect(recording.frame(3).cells[3]!.guess).toBeUndefined();
  expect(recording.frame(1).cells.every(({ isRecomputed }) => isRecomputed)).toBe(true);
  expect(recording.frame(2).cells.map(({ isRecomputed }) => isRecomputed)).toEqual([
    false,
    false,
    true,
    true,
    true,
    true,
  ]);
  expect(recording.frame(0).cells.some(({ isInBlock }) => isInBlock)).toBe(false);
});

test("frames grow with the events, and the last one takes what follows its pass", () => {
  const recording = new Recording({ stopTokens: [stopToken] });
  expect(recording.frameCount).toBe(0);
  for (const event of smallRun.slice(0, 4)) recording.add(event);
  expect(recording.frame(3).cells[5]!.state).toBe("mask");
  recording.add(smallRun[4]!);
  expect(recording.frame(3).cells[5]!.state).toBe("filled");
  expect(recording.frame(2).cells[5]!.state).toBe("mask");
});

test("positions that an answer gets later are not in frames before", () => {
  const recording = record([
    startOf([2, maskToken], 1),
    stepOf({ commits: [[1, 3, 1]] }),
    { type: "extend", start: 2, end: 4, genLength: 3 },
    stepOf({ commits: [[3, 4, 1]] }),
  ]);
  expect([0, 1, 2].map((index) => recording.frame(index).cells.length)).toEqual([2, 4, 4]);
  expect(seriesOf(recording).masksLeft).toEqual([1, 2, 1]);
});

test("a block that ends undecided leaves its masks", () => {
  const events = [
    startOf([2, maskToken, maskToken], 1),
    stepOf({ commits: [[1, 3, 1]] }),
    { type: "block" as const, start: 1, end: 3, tokens: [3, maskToken] },
  ];
  expect(record(events).frame(1).cells[2]!.state).toBe("mask");
});

test("unnamed tokens are those that are shown and that no event has named", () => {
  const recording = new Recording();
  for (const event of smallRun) recording.add(event);
  expect(recording.unnamedTokens).toEqual([2, 3]);
  expect(recording.frame(0).cells[0]!.text).toBe("▪");
  recording.nameTokens([2, 3], ["Q", "a"]);
  expect(recording.unnamedTokens).toEqual([]);
  expect(recording.frame(0).cells[0]!.text).toBe("Q");
});

test("a history has guesses and writes in order, up to a frame", () => {
  const kinds = (upTo?: number) =>
    historyOf(record(), 2, upTo).map(({ kind, frame, text }) => [kind, frame, text]);
  expect(kinds()).toEqual([
    ["guess", 1, "c"],
    ["commit", 2, "c"],
    ["edit", 3, "a"],
  ]);
  expect(kinds(2)).toHaveLength(2);
  const logprobs = [{ logprob: Math.log(0.5), top: [{ token: 4, logprob: Math.log(0.25) }] }];
  const told = record([startOf([2, maskToken], 1), stepOf({ commits: [[1, 3, 0.5]], logprobs })]);
  expect(historyOf(told, 1)[0]!.alternatives).toEqual([{ token: 4, text: "b", probability: 0.25 }]);
});

test("a revoked cell is a mask again, until it is decided once more", () => {
  const recording = record(revokingRun);
  const cells = [1, 2, 3, 4].map((index) => recording.frame(index).cells[1]!);
  expect(cells.map(({ state, change, text }) => [state, change, text])).toEqual([
    ["committed", "commit", "a"],
    ["mask", "revoke", ""],
    ["mask", undefined, ""],
    ["committed", "commit", "c"],
  ]);
  expect(cells.map(({ guess }) => guess?.text)).toEqual([undefined, undefined, "c", undefined]);
  expect(cells[1]).toMatchObject({ confidence: undefined, writtenAt: undefined, isEdited: false });
  expect(recording.writeAt(1, 2)).toBeUndefined();
  const { masksLeft, committed, tokens } = seriesOf(recording);
  expect([masksLeft, committed, tokens]).toEqual([
    [2, 0, 1, 1, 0],
    [0, 2, 1, 1, 2],
    [0, 2, 1, 1, 2],
  ]);
  const kinds = historyOf(recording, 1).map((entry) => historyText(entry));
  expect(kinds).toEqual(["committed “a” 70 %", "masked again", "guess “c” 40 %", "committed “c” 80 %"]);
  expect(seriesOf(oneTokenPerForward(recording)).commits.filter((count) => count > 0)).toEqual([1, 1]);
});

test("series and counters", () => {
  const series = seriesOf(record());
  expect(series).toEqual({
    forwards: [0, 1, 2, 3],
    masksLeft: [4, 3, 2, 0],
    committed: [0, 1, 2, 3],
    tokens: [0, 0, 1, 2],
    commits: [0, 1, 1, 1],
    edits: [0, 0, 0, 1],
    ms: [0, 10, 20, 30],
    elapsedMs: [0, 10, 30, 60],
    forwardMs: [0, 10, 30, 60],
  });
  expect(countersAt(series, 3)).toEqual({
    forwards: 3,
    prefills: 0,
    masksLeft: 0,
    committed: 3,
    tokens: 2,
    elapsedMs: 60,
    tokensPerForward: 2 / 3,
    tokensPerSecond: 2000 / 60,
    msPerForward: 20,
  });
  expect(countersAt(series, 0)).toMatchObject({ tokensPerForward: undefined, msPerForward: undefined });
});

test("a pass that only encodes the prompt is no forward", () => {
  const recording = record([
    startOf([2, maskToken], 1),
    stepOf({ prefill: true, ms: 90 }),
    stepOf({ commits: [[1, 3, 1]], ms: 10 }),
  ]);
  expect(countersAt(seriesOf(recording), 2)).toMatchObject({
    forwards: 1,
    prefills: 1,
    msPerForward: 10,
    elapsedMs: 100,
  });
});

test("the other lane of a race commits one token per forward and ends alike", () => {
  const run = record([
    startOf([2, 3, 1, 1, 1, 1], 2),
    stepOf({
      commits: [
        [4, 5, 1],
        [2, 3, 0.9],
        [5, 0, 0.8],
      ],
      ms: 30,
    }),
    stepOf({ step: 1, commits: [[3, 4, 0.7]], edits: [[2, 4, 0.9]], ms: 50 }),
  ]);
  const lane = oneTokenPerForward(run);
  const series = seriesOf(lane);
  expect(series.commits).toEqual([0, 1, 1, 1, 1]);
  expect(series.ms).toEqual([0, 40, 40, 40, 40]);
  const tokensOf = (recording: Recording) =>
    recording.frame(recording.frameCount - 1).cells.map(({ token, text }) => [token, text]);
  expect(tokensOf(lane)).toEqual(tokensOf(run));
});

test("a trace tells by its end which tokens stop it", () => {
  const trace = { header: {} as Trace["header"], events: smallRun, texts: new Map([[2, "Q"]]) };
  const recording = recordTrace(trace);
  expect(recording.frame(3).cells[4]!.isControl).toBe(true);
  expect(seriesOf(recording).tokens.at(-1)).toBe(2);
  expect(recording.textOf(2)).toBe("Q");
  const named = recordTrace({ ...trace, header: { stopTokens: [5] } as unknown as Trace["header"] });
  expect([named.isStopToken(5), named.isStopToken(stopToken)]).toEqual([true, false]);
});
