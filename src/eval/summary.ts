/** Summarizes records in a table by configuration: accuracy, also by kind of task, and the speed of decoding. */
import type { EvalRecord } from "./record.ts";
import { type Interval, mean, pairedDifference, wilson } from "./statistics.ts";

export interface SummaryRow {
  readonly configuration: string;
  readonly count: number;
  readonly accuracy: Interval;
  /** Accuracy minus the baseline's accuracy, paired by task; undefined for the baseline. */
  readonly difference: Interval | undefined;
  /** Tokens per forward pass: the mean over the tasks. */
  readonly tokensPerForward: Interval;
  /** Total tokens divided by total forward passes. */
  readonly totalTokensPerForward: number;
  /** Total tokens divided by the total time of decoding. */
  readonly tokensPerSecond: number;
  readonly forwards: Interval;
  /** Positions that the passes of a task computed. */
  readonly rows: Interval;
  /** Milliseconds of decoding a task. */
  readonly decodeMs: Interval;
  readonly kinds: Readonly<Record<string, Interval>>;
}

/** One row for each of `names`, in this order. @param baseline the name to compare with */
export function summarize(
  records: readonly EvalRecord[],
  names: readonly string[],
  baseline = names[0],
): readonly SummaryRow[] {
  const compared = new Map(
    records.filter((each) => each.configuration === baseline).map((each) => [each.task, each]),
  );
  return names.flatMap((configuration) => {
    const own = records.filter((each) => each.configuration === configuration);
    if (own.length === 0) return [];
    const paired = own.filter(({ task }) => compared.has(task));
    const accuracy = (list: readonly EvalRecord[]) =>
      wilson(list.filter(({ right }) => right).length, list.length);
    const total = (field: "completionTokens" | "forwards" | "decodeMs") =>
      own.reduce((sum, each) => sum + each[field], 0);
    const kinds = [...new Set(own.map(({ kind }) => kind))].sort();
    const difference = pairedDifference(
      paired.map(({ right }) => Number(right)),
      paired.map(({ task }) => Number(compared.get(task)!.right)),
    );
    return [
      {
        configuration,
        count: own.length,
        accuracy: accuracy(own),
        difference: configuration === baseline ? undefined : difference,
        tokensPerForward: mean(
          own.map(({ completionTokens, forwards }) => completionTokens / Math.max(1, forwards)),
        ),
        totalTokensPerForward: total("completionTokens") / total("forwards"),
        tokensPerSecond: (1000 * total("completionTokens")) / total("decodeMs"),
        forwards: mean(own.map(({ forwards }) => forwards)),
        rows: mean(own.map(({ rows }) => rows)),
        decodeMs: mean(own.map(({ decodeMs }) => decodeMs)),
        kinds: Object.fromEntries(
          kinds.map((kind) => [kind, accuracy(own.filter((each) => each.kind === kind))]),
        ),
      },
    ];
  });
}

export const percent = ({ value, low, high }: Interval) =>
  `${(100 * value).toFixed(1)} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`;
export const plain = ({ value, low, high }: Interval) =>
  `${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;

/** The rows as a Markdown table, with 95 % intervals. */
export function table(rows: readonly SummaryRow[]): string {
  const kinds = [...new Set(rows.flatMap((row) => Object.keys(row.kinds)))].sort();
  const head = [
    "configuration",
    "tasks",
    "accuracy, %",
    "difference, points",
    "tokens/forward",
    "total",
    "tokens/s",
    "forwards",
    "rows",
    ...kinds.map((kind) => `${kind}, %`),
  ];
  const body = rows.map((row) => [
    row.configuration,
    String(row.count),
    percent(row.accuracy),
    row.difference ? percent(row.difference) : "",
    plain(row.tokensPerForward),
    row.totalTokensPerForward.toFixed(2),
    row.tokensPerSecond.toFixed(0),
    plain(row.forwards),
    row.rows.value.toFixed(0),
    ...kinds.map((kind) => (row.kinds[kind] ? (100 * row.kinds[kind].value).toFixed(0) : "")),
  ]);
  return markdownTable(head, body);
}

/** A Markdown table with aligned columns. */
export function markdownTable(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...body.map((cells) => cells[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return [
    line(head),
    `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`,
    ...body.map(line),
    "",
  ].join("\n");
}
