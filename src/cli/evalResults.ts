/** The file with the records of an evaluation, which an interrupted run continues. */
import { existsSync } from "node:fs";
import { appendFile, truncate } from "node:fs/promises";
import { dirname } from "node:path";
import { decodeUtf8 } from "../core/decodeUtf8.ts";
import { type EvalRecord, readRecords } from "../eval/record.ts";
import { lineBreak } from "./batch/lines.ts";
import { makeDirectory, readBytes, writing } from "./files.ts";

/**
 * Makes the directory, and reads the existing records.
 * @param repair removes an incomplete last line of a killed process
 * @throws DiffusionError `invalid-file`, `io`
 */
export async function openResults(file: string, repair: boolean): Promise<readonly EvalRecord[]> {
  await makeDirectory(dirname(file));
  if (!existsSync(file)) return [];
  const bytes = await readBytes(file);
  const whole = bytes.subarray(0, bytes.lastIndexOf(lineBreak) + 1);
  if (repair && whole.length < bytes.length) await writing(file, () => truncate(file, whole.length));
  return readRecords(decodeUtf8(whole, file), file);
}

/** @throws DiffusionError `io` */
export function appendResult(file: string, record: EvalRecord): Promise<void> {
  return writing(file, () => appendFile(file, `${JSON.stringify(record)}\n`));
}
