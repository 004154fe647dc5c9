/** The report of a search: the frontier as a table, and notes on the chosen presets. */
import { markdownTable, percent, plain, type SummaryRow, summarize } from "../summary.ts";
import { type Entrant, recordsOf } from "./race.ts";
import type { Finding } from "./search.ts";
import { frontier, kindLosses, lossInterval, type TunedPresets } from "./verdict.ts";

/** The entrants that are chosen as presets. */
export type Chosen = Readonly<Record<keyof TunedPresets, Entrant>>;

/** The rows of the baseline and the frontier, on the tasks that all of them ran. */
export function frontierRows(finding: Finding): readonly SummaryRow[] {
  const { baseline, count } = finding;
  const shown = [baseline, ...frontier(finding)];
  const records = shown.flatMap((entrant) => recordsOf(entrant, count));
  return summarize(records, [...new Set(shown.map(({ candidate }) => candidate.name))]);
}

export function frontierTable(rows: readonly SummaryRow[], chosen: Chosen): string {
  const presetsOf = (name: string) =>
    Object.entries(chosen).flatMap(([preset, { candidate }]) => (candidate.name === name ? [preset] : []));
  const head = [
    "configuration",
    "tasks",
    "accuracy, %",
    "difference, points",
    "forwards",
    "tokens/forward",
    "ms/task",
    "preset",
  ];
  const body = rows.map((row) => [
    row.configuration,
    String(row.count),
    percent(row.accuracy),
    row.difference ? percent(row.difference) : "",
    plain(row.forwards),
    row.tokensPerForward.value.toFixed(2),
    plain(row.decodeMs),
    presetsOf(row.configuration).join(", "),
  ]);
  return markdownTable(head, body);
}

/** Sentences on what the chosen presets lose, and what the search left out. */
export function notes(finding: Finding, chosen: Chosen, maxLoss: number): readonly string[] {
  const points = (fraction: number) => (100 * fraction).toFixed(1);
  const { baseline, entrants } = finding;
  const tuned = [...new Set([chosen.balanced, chosen.speed])].filter((entrant) => entrant !== baseline);
  const lines = tuned.flatMap((entrant) => {
    const name = entrant.candidate.name;
    const { low } = lossInterval(finding, entrant);
    const uncertain = `${name}: a loss of up to ${points(-low)} points lies within the 95 % interval, and ${points(maxLoss)} are allowed; more tasks would narrow it`;
    const kinds = kindLosses(finding, entrant).map(
      ({ kind, tasks, right, baselineRight }) =>
        `${name}: loses over two points on '${kind}': ${right} of ${tasks} right, the baseline ${baselineRight}`,
    );
    return low < -maxLoss ? [uncertain, ...kinds] : kinds;
  });
  if (tuned.length === 0) lines.push("No configuration is better than the baseline within the allowed loss.");
  const refused = entrants.flatMap((entrant) => entrant.refused ?? []);
  if (refused.length > 0)
    lines.push(`The engine refused ${refused.length} configurations. The first: ${refused[0]}`);
  return lines;
}
