/** What the buttons under a run do, and what the page says about it. */
import { computed, signal } from "@preact/signals";
import { type Problem, problemOf } from "../engine/problem.ts";
import { type Run, run, showRun } from "../engine/runState.ts";
import { presentLink } from "./linkState.ts";
import { saveFile } from "./saveFile.ts";
import { openTrace, traceOf } from "./traceState.ts";

/** The outcome of the last click. */
export type ShareNote =
  | { readonly kind: "done"; readonly text: string }
  /** A link that the browser did not let the page copy. */
  | { readonly kind: "link"; readonly address: string; readonly text: string }
  | { readonly kind: "failed"; readonly problem: Problem };

const latest = signal<{ readonly note: ShareNote; readonly about: Run["recording"] | undefined } | undefined>(
  undefined,
);

/** What to say; nothing once another run is shown. */
export const shareNote = computed(() => {
  const { note, about } = latest.value ?? {};
  return about === run.value?.recording ? note : undefined;
});

function say(note: ShareNote): void {
  latest.value = { note, about: run.value?.recording };
}

export async function copyLink(): Promise<void> {
  const { address, leavesOut = "" } = presentLink();
  try {
    await navigator.clipboard.writeText(address);
    say({ kind: "done", text: `Link copied. ${leavesOut}` });
  } catch {
    // Without permission, or on a page without HTTPS.
    const text = `The browser does not let this page copy. Copy the link here. ${leavesOut}`;
    say({ kind: "link", address, text });
  }
}

export async function saveTrace(shown: Run): Promise<void> {
  const file = await traceOf(shown);
  saveFile(file, file.name);
  say({ kind: "done", text: `Saved ${file.name}. It opens here and in “unmask replay”.` });
}

export async function openFile(file: File): Promise<void> {
  try {
    const opened = await openTrace(file);
    showRun(opened);
    say({ kind: "done", text: openedText(opened) });
  } catch (error) {
    const advice = "Choose a file that this page or “unmask generate --trace” has saved.";
    say({ kind: "failed", problem: { ...problemOf(error), advice } });
  }
}

function openedText({ header, recording, status }: Run): string {
  const { decoder } = header.choices;
  const end = status === "done" ? "" : " It ends before the end of the run.";
  const unnamed =
    recording.unnamedTokens.length > 0 ? " The file lacks the texts of some tokens, shown as ▪." : "";
  return `A saved run: ${decoder.name}, recorded on ${header.device}.${end}${unnamed}`;
}
