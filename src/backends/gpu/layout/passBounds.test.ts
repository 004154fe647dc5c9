import fc from "fast-check";
import { expect, test } from "vitest";
import type { DeviceBlock, DevicePass, DeviceRow } from "../../../core/tensor/index.ts";
import { deviceDecodersOf } from "../deviceDecoders.ts";
import { passBounds } from "./passBounds.ts";

const decoder = deviceDecodersOf(["commit/threshold"]).get("threshold")!;
const blockLength = 4;

const passOf = (length: number): DevicePass => ({
  span: { start: 0, end: length, visible: length, maskBlock: Infinity, origin: 0 },
  head: {
    positions: Array.from({ length: blockLength }, (_, offset) => offset),
    shift: 0,
    maskToken: 1,
    sampling: { temperature: 0, topK: 0, topP: 1, seed: 0 } as DevicePass["head"]["sampling"],
  },
  parameters: {},
});

const blockOf = (index: number, lengths: readonly number[], firstStep: number): DeviceBlock => ({
  start: index * blockLength,
  end: (index + 1) * blockLength,
  openAtStart: blockLength,
  editable: [],
  firstStep,
  passes: lengths.map(passOf),
  stepLimit: Infinity,
  stopRange: undefined,
});

const lengths = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 3 });
/** Of each block, the lengths of its passes, and the steps that it takes; then the step at which the row enters the first. */
const rowArbitrary = fc.record({
  blocks: fc.array(fc.tuple(lengths, fc.integer({ min: 1, max: 4 })), { minLength: 1, maxLength: 5 }),
  entry: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }),
  guided: fc.boolean(),
});

test("no pass that a row may come to exceeds its bound", () => {
  fc.assert(
    fc.property(
      fc.array(rowArbitrary, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 8 }),
      (all, passes) => {
        const rows = all.map(({ blocks, entry, guided }): DeviceRow => {
          return {
            slots: guided ? [1, 2] : [1],
            guidanceScale: guided ? 1 : undefined,
            maskToken: 1,
            stopTokens: [],
            decoder: "threshold",
            entry: entry === undefined ? undefined : { step: entry, sequenceStep: entry, passes: entry },
            firstBlock: 0,
            blocks: blocks.map(([own], index) => blockOf(index, own, index === 0 ? (entry ?? 0) : 0)),
            passLimit: Infinity,
          };
        });
        const bounded = rows.map((row) => ({ row, decoder, endStep: passes }));
        const bounds = passBounds(bounded, passes, 3);
        // The rows as the device runs them: each block takes its steps, a block behind the last one has none.
        const at = all.map(({ blocks, entry = 0 }) => ({ block: 0, step: entry, left: blocks[0]![1] }));
        for (const bound of bounds) {
          let tokens = 0;
          let tiles = 0;
          rows.forEach(({ slots, blocks }, row) => {
            const place = at[row]!;
            const block = blocks[place.block];
            if (!block) return;
            const { span } = block.passes[Math.min(place.step - block.firstStep, block.passes.length - 1)]!;
            tokens += slots.length * (span.end - span.start);
            tiles += slots.length * Math.ceil((span.end - span.start) / 3);
            place.step++;
            if (--place.left > 0) return;
            place.block++;
            place.step = 0;
            place.left = all[row]!.blocks[place.block]?.[1] ?? 0;
          });
          expect(bound.tokens).toBeGreaterThanOrEqual(tokens);
          expect(bound.attentionTiles).toBeGreaterThanOrEqual(tiles);
        }
      },
    ),
  );
});

test("where the host says where the row is, the first pass has no larger bound than itself", () => {
  const row: DeviceRow = {
    slots: [1],
    guidanceScale: undefined,
    maskToken: 1,
    stopTokens: [],
    decoder: "threshold",
    entry: { step: 1, sequenceStep: 1, passes: 1 },
    firstBlock: 0,
    blocks: [blockOf(0, [40, 8], 0), blockOf(1, [40, 8], 0)],
    passLimit: Infinity,
  };
  const tokens = passBounds([{ row, decoder, endStep: 3 }], 3, 16).map((bound) => bound.tokens);
  expect(tokens).toEqual([8, 40, 40]);
});
