import { describe, expect, test } from "vitest";
import {
  type Canvas,
  drawCanvas,
  maskedCanvas,
  type Paint,
  shown,
  withCells,
  withMasks,
} from "../../src/cli/canvas.ts";
import { characterWidth, printable } from "../../src/cli/terminal.ts";

const plain: Paint = (_, text) => text;
const marked: Paint = (tone, text) => `<${tone}:${text}>`;
const wide = { columns: 40, rows: 10 };

function filled(length: number, texts: Record<number, string>, confidence = 1): Canvas {
  const cells = Object.entries(texts).map(
    ([offset, text]) => [Number(offset), { text, confidence, control: false }] as const,
  );
  return shown(withCells(maskedCanvas(length), cells));
}

describe("the canvas", () => {
  test("starts with masks and fills in any order", () => {
    expect(drawCanvas(maskedCanvas(5), wide, plain)).toBe("░░░░░");
    expect(drawCanvas(filled(5, { 1: "ab", 3: " c" }), wide, plain)).toBe("░ab░ c░");
  });

  test("ignores offsets outside of its length", () => {
    expect(drawCanvas(filled(2, { 1: "a", 2: "b", [-1]: "c" }), wide, plain)).toBe("░a");
  });

  test("has masks again where tokens were revoked", () => {
    const fresh = withCells(filled(3, { 0: "a" }), [[1, { text: "b", confidence: 1, control: false }]]);
    expect(drawCanvas(withMasks(fresh, [1, -4, 9]), wide, marked)).toBe("<sure:a><mask:░░>");
    expect(withMasks(fresh, [1]).fresh.size).toBe(0);
  });

  test("has tones by confidence, and a separate tone for fresh tokens", () => {
    const cell = (confidence: number, control = false) => ({ text: "x", confidence, control });
    const canvas = withCells(maskedCanvas(5), [
      [0, cell(0.95)],
      [1, cell(0.7)],
      [2, cell(0.2)],
      [3, cell(1, true)],
    ]);
    expect(drawCanvas(canvas, wide, marked)).toBe("<fresh:xxx><control:·><mask:░>");
    expect(drawCanvas(shown(canvas), wide, marked)).toBe("<sure:x><likely:x><unsure:x><control:·><mask:░>");
  });

  test("wraps by columns, not by characters", () => {
    expect(drawCanvas(maskedCanvas(5), { columns: 2, rows: 10 }, plain)).toBe("░░\n░░\n░");
    expect(drawCanvas(filled(3, { 0: "漢字", 1: "é", 2: "e\u0301x" }), { columns: 3, rows: 9 }, plain)).toBe(
      "漢\n字é\ne\u0301x",
    );
  });

  test("keeps the line breaks of the text", () => {
    expect(drawCanvas(filled(3, { 0: "a\n", 1: "\nb" }), wide, plain)).toBe("a\n\nb░");
  });

  test("crops too many lines to the lines around the first mask", () => {
    const texts = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [i, `${i}\n`]));
    expect(drawCanvas(filled(9, texts), { columns: 9, rows: 3 }, plain)).toBe("4\n5\n░░░");
    const { 2: _, ...open } = texts;
    expect(drawCanvas(filled(6, open), { columns: 9, rows: 3 }, plain)).toBe("1\n░3\n4");
    expect(drawCanvas(filled(6, texts), { columns: 9, rows: 2 }, plain)).toBe("5\n");
  });

  test("replaces control characters in tokens", () => {
    expect(drawCanvas(filled(1, { 0: "\u001b[2J\u0007" }), wide, plain)).toBe("␛[2J␇");
  });
});

test("printable text keeps line breaks and tabs, and no other control characters", () => {
  expect(printable("a\tb\r\nc\u0000\u007f\u009b")).toBe("a\tb\nc␀␡\ufffd");
});

test("characters have their width on terminals", () => {
  const widths = ["a", "░", "é", "\u0301", "漢", "か", "한", "Ａ", "🦊", "\u200b"].map(characterWidth);
  expect(widths).toEqual([1, 1, 1, 0, 2, 2, 2, 2, 2, 0]);
});
