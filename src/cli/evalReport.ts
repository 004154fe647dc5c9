/** Writes the report of an evaluation. The plot comes last, as it needs optional packages. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadPlotter, type Plotter } from "../eval/plot.ts";
import { type SummaryRow, table } from "../eval/summary.ts";
import { writing } from "./files.ts";
import { type Io, write } from "./io.ts";
import { note } from "./statusLine.ts";

/** Loads the plotter; undefined without a plot. Prints a note at once if the packages of the plot are missing. */
export async function plotterFor(io: Io, wanted: boolean): Promise<Plotter | undefined> {
  if (!wanted) return undefined;
  const plotter = await loadPlotter();
  if (typeof plotter !== "string") return plotter;
  await note(io, `The plot will be left out, as ${plotter}. --no-plot hides this note.`);
  return undefined;
}

/**
 * Writes the table, the summary and the plot into a directory, and prints the table.
 * @throws DiffusionError `not-found`, `io`
 */
export async function writeReport(
  io: Io,
  directory: string,
  rows: readonly SummaryRow[],
  plotter: Plotter | undefined,
): Promise<void> {
  await put(join(directory, "table.md"), table(rows));
  await put(join(directory, "summary.json"), `${JSON.stringify(rows, undefined, 1)}\n`);
  await write(io.stdout, table(rows));
  if (plotter) await put(join(directory, "plot.svg"), plotter(rows));
}

export function put(path: string, text: string): Promise<void> {
  return writing(path, () => writeFile(path, text));
}
