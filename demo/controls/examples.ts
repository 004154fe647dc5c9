/** Prompts that the embedded model was trained on: most kinds of tasks, and gaps in three of them. */
import type { InfillSegment } from "../../src/core/index.ts";

export interface Example {
  readonly label: string;
  readonly prompt: string;
  /** Pinned text and holes after the prompt. */
  readonly infill?: readonly InfillSegment[];
  /** Positions of a block: null makes the answer one, so that its parts land in any order. */
  readonly blockLength: number | null;
  readonly genLength: number;
}

export const examples: readonly Example[] = [
  { label: "Story", prompt: "story: leo, blue bird, lake", blockLength: null, genLength: 128 },
  {
    label: "Fill the gaps",
    prompt: "story: mia, red fox, farm",
    infill: [
      "one day mia went",
      { length: 3 },
      ". there mia saw",
      { length: 3 },
      ". the fox was lost, so mia",
      { length: 4 },
      " home.",
    ],
    blockLength: null,
    genLength: 128,
  },
  { label: "JSON", prompt: "json: mia is 31 and has a red fox", blockLength: null, genLength: 96 },
  {
    label: "JSON gaps",
    prompt: "json: eva is 46 and has a white dog",
    infill: [
      '{"name": "',
      { length: 1 },
      '", "age":',
      { length: 2 },
      ', "pet": {"kind": "',
      { length: 1 },
      '", "color": "',
      { length: 1 },
      '"}}',
    ],
    blockLength: null,
    genLength: 96,
  },
  { label: "Python", prompt: "py: keep those above 7", blockLength: null, genLength: 64 },
  {
    label: "Python gap",
    prompt: "py: add 3 to each",
    infill: ["def f(xs):\n    return [", { length: 4 }, " for x in xs]"],
    blockLength: null,
    genLength: 64,
  },
  {
    label: "Waiting line",
    prompt: "line ana tom kim zoe: insert leo anywhere",
    blockLength: null,
    genLength: 32,
  },
  { label: "Sort", prompt: "sort 42 17 90 63 8", blockLength: null, genLength: 32 },
  { label: "Reverse", prompt: "reverse river stone cloud", blockLength: null, genLength: 32 },
  {
    label: "Word problem",
    prompt: "tom has 12 apples, gets 5 more and gives away 3. how many apples?",
    blockLength: null,
    genLength: 32,
  },
];
