import fc from "fast-check";
import { expect, test } from "vitest";
import type { InfillSegment } from "../../src/core/index.ts";
import { Recording } from "../run/index.ts";
import { maskToken, smallRun, startOf, stopToken, texts } from "../testing/events.ts";
import {
  type Draft,
  draftOf,
  type Edit,
  insertMasks,
  maskCells,
  type NamedToken,
  pinTokens,
  removeCells,
} from "./draft.ts";
import { draftFrame } from "./draftFrame.ts";
import { infillOf, tokenOf } from "./infillOf.ts";
import { did, redo, undo, undoable } from "./undoable.ts";
import { draftText, selectionText } from "./words.ts";

const promptEnd = 2;

function recordingOf(events: Parameters<Recording["add"]>[0][]): Recording {
  const recording = new Recording({ stopTokens: [stopToken] });
  for (const event of events) recording.add(event);
  recording.nameTokens([...texts.keys()], texts);
  return recording;
}

/** A draft with an answer of these tokens; the mask token is open. */
function answerOf(tokens: readonly number[]): Draft {
  return draftOf(recordingOf([startOf([2, 3, ...tokens], promptEnd)]).frame(0), maskToken);
}

const isTokens = (part: InfillSegment): part is readonly number[] => Array.isArray(part);
const tokensOf = ({ cells }: Draft) => cells.map((cell) => tokenOf(cell) ?? maskToken);
const named = (...tokens: number[]): readonly NamedToken[] =>
  tokens.map((token) => ({ token, text: texts[token]! }));

const anyTokens = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 20 });
const anySelection = fc.uniqueArray(fc.integer({ min: 0, max: 24 })).map((all) => new Set(all));
const anyEdit: fc.Arbitrary<(draft: Draft) => Edit> = fc.oneof(
  anySelection.map((selected) => (draft: Draft) => maskCells(draft, selected)),
  anySelection.map((selected) => (draft: Draft) => insertMasks(draft, selected)),
  anySelection.map((selected) => (draft: Draft) => removeCells(draft, selected)),
  fc.tuple(anySelection, fc.array(fc.integer({ min: 2, max: 9 }), { maxLength: 4 })).map(
    ([selected, tokens]) =>
      (draft: Draft) =>
        pinTokens(draft, selected, named(...tokens)),
  ),
);
const edited = fc
  .tuple(anyTokens, fc.array(anyEdit, { maxLength: 6 }))
  .map(([tokens, edits]) => edits.reduce((draft, edit) => edit(draft).draft, answerOf(tokens)));

test("a draft is the answer of a frame: decided tokens are kept, masks are open", () => {
  const recording = recordingOf([...smallRun]);
  expect(tokensOf(draftOf(recording.frame(1), maskToken))).toEqual([maskToken, maskToken, 0, maskToken]);
  expect(tokensOf(draftOf(recording.frame(3), maskToken))).toEqual([3, 4, 0, 0]);
});

test("edits replace what is selected, run by run", () => {
  const draft = answerOf([3, 4, 5, 6, 7]);
  const selected = new Set([2, 3, 5]);
  const masked = maskCells(draft, selected);
  expect(tokensOf(masked.draft)).toEqual([1, 1, 5, 1, 7]);
  expect(masked.positions).toEqual(selected);
  const pinned = pinTokens(draft, selected, named(9, 9, 8));
  expect(tokensOf(pinned.draft)).toEqual([9, 9, 8, 5, 9, 9, 8, 7]);
  expect(pinned.positions).toEqual(new Set([2, 3, 4, 6, 7, 8]));
  expect(tokensOf(insertMasks(draft, selected).draft)).toEqual([3, 4, 1, 5, 6, 1, 7]);
  expect(tokensOf(removeCells(draft, selected).draft)).toEqual([5, 7]);
});

test("no edit touches the prompt or what is not selected", () => {
  fc.assert(
    fc.property(anyTokens, anySelection, anyEdit, (tokens, selected, edit) => {
      const draft = answerOf(tokens);
      expect(edit(draft).draft.prompt).toEqual(draft.prompt);
      const left = tokens.filter((_, index) => !selected.has(promptEnd + index));
      expect(tokensOf(removeCells(draft, selected).draft)).toEqual(left);
      expect(tokensOf(maskCells(draft, selected).draft)).toEqual(
        tokens.map((token, index) => (selected.has(promptEnd + index) ? maskToken : token)),
      );
    }),
  );
});

test("the request has each token as it stands and each mask in a hole", () => {
  fc.assert(
    fc.property(edited, (draft) => {
      const parts = infillOf(draft, [stopToken]);
      const flat = parts.flatMap((part): readonly number[] => {
        if (typeof part === "string") throw new Error(`Pinned tokens must not become text: found ${part}`);
        if (isTokens(part)) return part;
        return Array<number>("maximum" in part ? part.maximum : part.length).fill(maskToken);
      });
      expect(flat).toEqual(tokensOf(draft));
    }),
  );
});

test("a hole before text has to be filled, one at the end of the answer can end before", () => {
  expect(infillOf(answerOf([3, 1, 1, 4, 1, 0, 0]), [stopToken])).toEqual([
    [3],
    { length: 2 },
    [4],
    { maximum: 1 },
    [0, 0],
  ]);
  expect(infillOf(answerOf([3, 1, 1, 1]), [stopToken])).toEqual([[3], { maximum: 3 }]);
});

test("the frame of a draft shows each of its cells at its position", () => {
  fc.assert(
    fc.property(edited, (draft) => {
      const { cells } = draftFrame(draft, 3);
      expect(cells.map(({ position }) => position)).toEqual([...cells.keys()]);
      expect(cells.slice(promptEnd).map(({ token }) => token)).toEqual(tokensOf(draft));
      for (const [index, { kind }] of draft.cells.entries()) {
        const { state } = cells[promptEnd + index]!;
        expect(state === "mask").toBe(kind === "mask");
        if (kind === "typed") expect(state).toBe("given");
      }
    }),
  );
});

test("changes are undone and done again in order; a new one forgets what was undone", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.nat(), (values, other) => {
      const all = values.reduce((state, value) => did(state, value), undoable(-1));
      let state = all;
      for (const value of [...values].reverse()) {
        expect(state.present).toBe(value);
        state = undo(state);
      }
      expect(state.present).toBe(-1);
      expect(undo(state)).toBe(state);
      for (const _ of values) state = redo(state);
      expect(state).toEqual(all);
      expect(redo(did(undo(state), other)).present).toBe(other);
    }),
  );
});

test("words for what is selected and edited", () => {
  expect([0, 1, 12].map(selectionText)).toEqual(["", "1 cell selected", "12 cells selected"]);
  const draft = answerOf([3, 4, 5]);
  expect(draftText(draft)).toBe("Edited: no mask is open, and the rest stays.");
  const { draft: both } = pinTokens(maskCells(draft, new Set([2])).draft, new Set([4]), named(9, 9));
  expect(draftText(both)).toBe("Edited: 1 mask is open, 2 tokens typed in, and the rest stays.");
});
