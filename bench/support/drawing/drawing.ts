/** Draws a run of 1,024 cells as the page does while it goes on, for `bench/page.mjs`. */
import {
  drawOver,
  layOut,
  lightPalette,
  maskColumnsOf,
  StillCanvas,
  sizeCanvas,
} from "../../../demo/canvas/index.ts";
import { Recording, Settling } from "../../../demo/run/index.ts";
import type { GenerateEvent, StepEvent } from "../../../src/core/index.ts";

const cellCount = 1024;
const stepCount = 64;
const words = [
  "the ",
  "bird",
  " was",
  " a",
  "lost",
  "in ",
  "home",
  ".",
  " blue",
  "leo",
  "went",
  "x",
  "42",
  " to",
];
const maskToken = words.length;

/** A linear congruential generator: the same run every time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** How many of a pass's guesses are other tokens than those of the pass before. */
const changedShare = 0.25;

/** How much surer or less sure a guess becomes from one pass to the next, at most. */
const maxDrift = 0.1;

/** Every step commits its share of the cells, and guesses all that are left. */
function eventsOfRun(): readonly GenerateEvent[] {
  const next = numbers(7);
  // The words are the prompt too: by them the page knows how wide tokens are.
  const left = Array.from({ length: cellCount }, (_, index) => words.length + index);
  const start: GenerateEvent = {
    type: "start",
    promptTokens: words.length,
    genLength: cellCount,
    canvas: [...words.keys(), ...left.map(() => maskToken)],
    undecided: [...left],
    maskToken,
    queuedMs: 0,
  };
  const best = Array.from({ length: words.length + cellCount }, () => 0);
  const sure = best.map(() => Math.sqrt(next()));
  const writes = (positions: readonly number[]) => {
    for (const position of positions)
      if (next() < changedShare) best[position] = Math.floor(next() * words.length);
    for (const position of positions)
      sure[position] = Math.min(1, Math.max(0, sure[position]! + maxDrift * (2 * next() - 1)));
    const tokens = positions.map((position) => best[position]!);
    return { positions, tokens, confidences: positions.map((position) => sure[position]!) };
  };
  const all = { start: 0, end: words.length + cellCount };
  const steps = Array.from({ length: stepCount }, (_, step): StepEvent => {
    const openCount = left.length;
    const chosen: number[] = [];
    for (let count = 0; count < cellCount / stepCount; count++)
      chosen.push(...left.splice(Math.floor(next() * left.length), 1));
    const commits = writes(chosen);
    return {
      type: "step",
      step,
      window: all,
      block: all,
      refresh: false,
      prefill: false,
      openCount,
      positions: commits.positions,
      tokens: commits.tokens,
      confidences: commits.confidences,
      texts: commits.tokens.map((each) => words[each]!),
      edits: writes([]),
      guesses: writes([...left]),
      ms: 20,
    };
  });
  return [start, ...steps];
}

/** By step, the milliseconds of the main thread from its event to its picture, and those of a picture in which commits come to rest. */
export interface DrawingTimes {
  readonly stepMs: readonly number[];
  readonly restMs: readonly number[];
}

const [still, over] = document.querySelectorAll("canvas");

async function drawRun(): Promise<DrawingTimes> {
  const recording = new Recording();
  recording.nameTokens([...words.keys()], words);
  const settling = new Settling();
  const kept = new StillCanvas(still!);
  const stepMs: number[] = [];
  const restMs: number[] = [];
  const [start, ...steps] = eventsOfRun();
  recording.add(start!);
  // As the page does: the layout stays while the run goes on.
  const options = { width: 760, fontSize: 18, showsPrompt: false, keepsMasks: true };
  const layout = layOut(recording, { ...options, maskColumns: maskColumnsOf(recording) });
  for (const event of steps) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const startMs = performance.now();
    recording.add(event);
    const index = recording.frameCount - 1;
    settling.show(index, startMs);
    const optionsAt = (nowMs: number) => ({
      frame: recording.frame(index),
      layout,
      palette: lightPalette,
      colorBy: "confidence" as const,
      sinceMs: (frame: number) => settling.sinceMs(frame, nowMs),
    });
    const drawMoving = () => {
      const context = sizeCanvas(over!, layout, devicePixelRatio);
      context.clearRect(0, 0, layout.width, layout.height);
      drawOver(context, optionsAt(performance.now()));
    };
    kept.draw(optionsAt(Number.POSITIVE_INFINITY), devicePixelRatio);
    drawMoving();
    const shownMs = performance.now();
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const againMs = performance.now();
    drawMoving();
    stepMs.push(shownMs - startMs);
    restMs.push(performance.now() - againMs);
  }
  return { stepMs, restMs };
}

Object.assign(globalThis, { drawRun });
