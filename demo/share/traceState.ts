/** Runs as trace files, in the format of `unmask generate --trace` and `unmask replay`. */

import { decodeUtf8 } from "../../src/core/decodeUtf8.ts";
import { readTrace, type Trace, TraceWriter } from "../../src/core/index.ts";
import type { Run } from "../engine/runState.ts";
import { recordTrace } from "../run/index.ts";
import { fileName } from "./fileName.ts";
import { promptText } from "./promptText.ts";

/** The trace of a run as far as it has come. */
export async function traceOf({ header, recording }: Pick<Run, "header" | "recording">): Promise<File> {
  const { events, texts } = recording;
  const writer = new TraceWriter(header, async (tokens) => tokens.map((token) => texts.get(token)));
  const lines: string[] = [];
  for (const event of events) lines.push(await writer.lines(event));
  return new File(lines, fileName(promptText(header.request), "jsonl"), { type: "application/jsonl" });
}

/**
 * @returns the run of a trace file, to be shown as if it had just ended
 * @throws DiffusionError `invalid-file`, `unsupported`
 */
export async function openTrace(file: File): Promise<Run> {
  const trace = readTrace(decodeUtf8(new Uint8Array(await file.arrayBuffer()), file.name), file.name);
  return runOf(trace, file.name);
}

export function runOf(trace: Trace, file: string): Run {
  const { header, events } = trace;
  const status = events.at(-1)?.type === "done" ? "done" : "cancelled";
  return { request: header.request, header, recording: recordTrace(trace), status, file };
}
