/** Formats a comparison of two traces: costs, the first difference, and the texts. */
import type { PositionDifference, TraceComparison, TraceHeader } from "../core/index.ts";
import { table } from "./format.ts";
import { confidenceText, tokenText } from "./stepText.ts";
import { printable } from "./terminal.ts";

/** Limit of the listed positions; further positions are only counted. */
const maxRows = 20;

/** One of the two compared traces. */
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
    row("rows", ({ rows }) => String(rows)),
    row("refreshes", ({ refreshes }) => String(refreshes)),
    row("tokens", ({ completionTokens }) => String(completionTokens)),
    row("tokens per forward", ({ tokensPerForward }) => tokensPerForward.toFixed(2)),
    row("tokens/s", ({ tokensPerSecond }) => tokensPerSecond.toFixed(1)),
  ];
  return table(rows);
}

/** For example `threshold, threshold 0.8`. */
function choiceText({ name, ...parameters }: TraceHeader["choices"]["decoder"]): string {
  return Object.keys(parameters).length > 0 ? `${name}, ${settingsText(parameters)}` : name;
}

function settingsText(parameters: Readonly<Record<string, unknown>>): string {
  return Object.entries(parameters)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(", ");
}

function divergenceText({ sameStart, firstStep, differences, left, right }: TraceComparison): string {
  if (!sameStart) return "The traces have different prompts or canvases: their positions cannot be compared.";
  const isWhole = left.usage !== undefined && right.usage !== undefined;
  if (isWhole && differences.length === 0) {
    return firstStep === undefined
      ? "All steps commit the same tokens, and the final tokens are identical."
      : `The final tokens are identical, but from step ${firstStep} on they are committed in a different order.`;
  }
  const divergence =
    firstStep === undefined
      ? "All steps commit the same tokens."
      : `Commits first differ at step ${firstStep}.`;
  if (!isWhole) return `${divergence} A trace ends early: its final tokens are unknown.`;
  const rows = differences.slice(0, maxRows).map(differenceRow);
  const more = differences.length - rows.length;
  const head = ["position", "left", "step", "confidence", "right", "step", "confidence"];
  return [
    `${divergence} ${differences.length === 1 ? "One final token differs" : `${differences.length} final tokens differ`}:`,
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
  return text === undefined ? "(unknown)" : printable(text);
}
