/** Where two traces part and what each cost, as text. */
import type { PositionDifference, TraceComparison, TraceHeader } from "../core/index.ts";
import { table } from "./format.ts";
import { confidenceText, tokenText } from "./stepText.ts";
import { printable } from "./terminal.ts";

/** Positions that are listed; the others are counted. */
const mostRows = 20;

/** One of the two: its file and what it says of itself. */
export interface Side {
  readonly file: string;
  readonly header: TraceHeader;
}

export function comparisonText(left: Side, right: Side, comparison: TraceComparison): string {
  return [
    costTable(left, right, comparison),
    divergenceText(comparison),
    `left:  ${answerText(comparison.left.text)}\nright: ${answerText(comparison.right.text)}`,
    "",
  ]
    .join("\n\n")
    .trimEnd()
    .concat("\n");
}

function costTable(left: Side, right: Side, { left: a, right: b }: TraceComparison): string {
  const usages = [a.usage, b.usage];
  const row = (name: string, value: (usage: NonNullable<(typeof usages)[number]>) => string) => [
    name,
    ...usages.map((usage) => (usage ? value(usage) : "-")),
  ];
  const choiceRow = (name: string, value: (choices: TraceHeader["choices"]) => string) => [
    name,
    value(left.header.choices),
    value(right.header.choices),
  ];
  const rows = [
    ["", "left", "right"],
    ["file", left.file, right.file],
    ["preset", left.header.request.preset ?? "-", right.header.request.preset ?? "-"],
    choiceRow("decoder", ({ decoder }) => choiceText(decoder)),
    choiceRow("cache", ({ cache }) => choiceText(cache)),
    choiceRow("smoothing", ({ smoothing }) => (smoothing ? settingsText(smoothing) || "on" : "-")),
    row("forwards", ({ forwards }) => String(forwards)),
    row("refreshes", ({ refreshes }) => String(refreshes)),
    row("tokens", ({ completionTokens }) => String(completionTokens)),
    row("tokens a forward", ({ tokensPerForward }) => tokensPerForward.toFixed(2)),
    row("tokens/s", ({ tokensPerSecond }) => tokensPerSecond.toFixed(1)),
  ];
  return table(rows);
}

/** As in `threshold, threshold 0.8`. */
function choiceText({ name, ...parameters }: TraceHeader["choices"]["decoder"]): string {
  return Object.keys(parameters).length > 0 ? `${name}, ${settingsText(parameters)}` : name;
}

function settingsText(parameters: Readonly<Record<string, unknown>>): string {
  return Object.entries(parameters)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(", ");
}

function divergenceText({ sameStart, firstStep, differences, left, right }: TraceComparison): string {
  if (!sameStart) return "The sequences start differently: their positions cannot be compared.";
  const isWhole = left.usage !== undefined && right.usage !== undefined;
  if (isWhole && differences.length === 0) {
    return firstStep === undefined
      ? "All steps commit the same tokens, and in the end no token differs."
      : `In the end no token differs; step ${firstStep} is the first that commits them in another order.`;
  }
  const parted =
    firstStep === undefined
      ? "All steps commit the same tokens."
      : `Step ${firstStep} is the first whose commits differ.`;
  if (!isWhole) return `${parted} A trace ends early: its last tokens are not known.`;
  const rows = differences.slice(0, mostRows).map(differenceRow);
  const more = differences.length - rows.length;
  const head = ["position", "left", "step", "confidence", "right", "step", "confidence"];
  return [
    `${parted} In the end ${differences.length === 1 ? "one token differs" : `${differences.length} tokens differ`}:`,
    table([head, ...rows], [0, 2, 3, 5, 6]),
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join("\n");
}

function differenceRow({ position, left, right }: PositionDifference): readonly string[] {
  const cells = [left, right].flatMap(({ token, text, step, confidence }) => [
    tokenText(token, text),
    step === undefined ? "-" : String(step),
    confidenceText(confidence),
  ]);
  return [String(position), ...cells];
}

function answerText(text: string | undefined): string {
  return text === undefined ? "(not known)" : printable(text);
}
