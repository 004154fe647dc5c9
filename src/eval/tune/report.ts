/** The report of a search: the frontier as a table, and notes on the chosen presets. */
import { markdownTable, percent, plain, type SummaryRow, summarize } from "../summary.ts";
import { type AllowedLoss, type Entrant, recordsOf } from "./race.ts";
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

/** Sentences on what the chosen presets may lose, and what the search left out. */
export function notes(finding: Finding, chosen: Chosen, allowed: AllowedLoss): readonly string[] {
  const points = (fraction: number) => (100 * fraction).toFixed(1);
  const { baseline, entrants } = finding;
  const tuned = [...new Set([chosen.balanced, chosen.speed])].filter((entrant) => entrant !== baseline);
  const uncertain = tuned.flatMap((entrant) => {
    const { low } = lossInterval(finding, entrant);
    if (low >= -allowed.overall) return [];
    return `${entrant.candidate.name}: a loss of up to ${points(-low)} points lies within the 95 % interval, and ${points(allowed.overall)} are allowed; more tasks would narrow it`;
  });
  const left = frontier(finding).flatMap((entrant) =>
    kindLosses(finding, entrant, allowed).map(
      ({ kind, tasks, right, baselineRight }) =>
        `${entrant.candidate.name}: no preset, as it loses over ${points(allowed.perKind)} points on '${kind}': ${right} of ${tasks} right, the baseline ${baselineRight}`,
    ),
  );
  const lines = [...uncertain, ...left];
  if (tuned.length === 0) lines.push("No configuration is better than the baseline within the allowed loss.");
  const refused = entrants.flatMap((entrant) => entrant.refused ?? []);
  if (refused.length > 0)
    lines.push(`The engine refused ${refused.length} configurations. The first: ${refused[0]}`);
  return lines;
}
