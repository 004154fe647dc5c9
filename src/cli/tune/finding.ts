/** Writes what a search found. */
import { join } from "node:path";
import type { Plotter } from "../../eval/plot.ts";
import type { AllowedLoss } from "../../eval/tune/race.ts";
import { type Chosen, frontierRows, frontierTable, notes } from "../../eval/tune/report.ts";
import type { Finding } from "../../eval/tune/search.ts";
import { choose, presetsFile } from "../../eval/tune/verdict.ts";
import { put } from "../evalReport.ts";
import { type Io, write } from "../io.ts";
import type { Vocabulary } from "../options.ts";
import { note } from "../statusLine.ts";
import { settingsFlags } from "./flags.ts";

export interface WriteOptions {
  readonly options: { readonly out: string; readonly tasks: string };
  readonly allowed: AllowedLoss;
  readonly plotter: Plotter | undefined;
  readonly vocabulary: Vocabulary;
}

/** Writes the table, the summary, the plots and the presets, and prints the table and the use of the presets. */
export async function writeFinding(
  io: Io,
  finding: Finding,
  { options: { out, tasks }, allowed, plotter, vocabulary }: WriteOptions,
): Promise<void> {
  const [balanced, speed] = choose(finding, allowed);
  const chosen: Chosen = { quality: finding.baseline, balanced, speed };
  const settings = {
    quality: finding.baseline.candidate.request,
    balanced: balanced.candidate.request,
    speed: speed.candidate.request,
  };
  const rows = frontierRows(finding);
  const table = frontierTable(rows, chosen);
  const file = join(out, "presets.json");
  await put(file, presetsFile(settings, `unmask tune, ${finding.count} tasks of ${tasks}`));
  await put(join(out, "table.md"), table);
  await put(join(out, "summary.json"), `${JSON.stringify(rows, undefined, 1)}\n`);
  if (plotter) {
    await put(join(out, "plot.svg"), plotter(rows));
    await put(join(out, "plot-ms.svg"), plotter(rows, "decodeMs"));
  }
  await write(io.stdout, table);
  for (const line of notes(finding, chosen, allowed)) await note(io, line);
  const use = [
    `${finding.entrants.length} configurations were compared. The presets are in ${file}: put its field 'presets' into the model's generation_config.json.`,
    "Without that file:",
    `  unmask generate ${settingsFlags(settings.balanced, vocabulary)}`,
  ];
  await write(io.stdout, `\n${use.join("\n")}\n`);
}
