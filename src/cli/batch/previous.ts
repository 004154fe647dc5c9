/** Existing results in an output file, from which an interrupted batch resumes. */
import { DiffusionError, found } from "../../core/index.ts";
import { isJsonObject, type JsonObject } from "../../core/jsonObject.ts";
import { type BatchItem, isId } from "./items.ts";
import { lineBreak, linesOf, parseLine } from "./lines.ts";
import { type BatchResult, beginnings, failureOf } from "./results.ts";

/** The failure of each finished request, by index; undefined for success. */
export type Outcomes = ReadonlyMap<number, string | undefined>;

export interface Previous {
  readonly outcomes: Outcomes;
  /** Bytes of the complete lines. */
  readonly wholeBytes: number;
}

/**
 * Reads the existing results and checks that they belong to these items.
 * @throws DiffusionError `invalid-file` for lines that are not results, and for results of other items
 */
export function readPrevious(bytes: Uint8Array, name: string, items: readonly BatchItem[]): Previous {
  const wholeBytes = bytes.lastIndexOf(lineBreak) + 1;
  const outcomes = new Map<number, string | undefined>();
  const indices = new Map(items.flatMap(({ form, id, index }) => (form === "api" ? [[id, index]] : [])));
  for (const [at, line] of linesOf(bytes.subarray(0, wholeBytes)).entries()) {
    const refuse = (why: string) =>
      new DiffusionError("invalid-file", `Cannot resume '${name}' as its line ${at + 1} ${why}`);
    const result = readResult(line);
    if (!result) throw refuse("is not a result of a batch");
    const index = "custom_id" in result ? indices.get(result.custom_id) : result.index;
    if (index === undefined) {
      const { custom_id: id } = result as { readonly custom_id: string };
      throw refuse(`belongs to another input: this input has no 'custom_id' ${found(id)}`);
    }
    if (outcomes.has(index)) throw refuse(`repeats index ${index}`);
    const item = items[index];
    if (!item)
      throw refuse(
        `belongs to another input: found index ${index}, but this input has ${items.length} requests`,
      );
    const id = "custom_id" in result ? result.custom_id : result.id;
    if (item.id !== id) {
      const own = item.id === undefined ? "no id" : `the id ${found(item.id)}`;
      throw refuse(`belongs to another input: request ${index} of this input has ${own}, found ${found(id)}`);
    }
    outcomes.set(index, failureOf(result));
  }
  requireBeginning(new TextDecoder().decode(bytes.subarray(wholeBytes)), name);
  return { outcomes, wholeBytes };
}

/** Requires that the rest after the complete lines is the beginning of a result. */
function requireBeginning(rest: string, name: string): void {
  if (beginnings.some((beginning) => rest.startsWith(beginning.slice(0, rest.length)))) return;
  const why = `Cannot resume '${name}' as its last line is not the beginning of a result: found ${found(rest)}`;
  throw new DiffusionError("invalid-file", why);
}

function readResult(line: Uint8Array): BatchResult | undefined {
  let value: unknown;
  try {
    value = parseLine(line);
  } catch {
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  return isApiResult(value) || isEngineResult(value) ? (value as unknown as BatchResult) : undefined;
}

function isEngineResult({ index, id, error, tokens }: JsonObject): boolean {
  const isOutcome = tokens !== undefined || (isJsonObject(error) && typeof error["message"] === "string");
  return typeof index === "number" && isId(id) && isOutcome;
}

function isApiResult({ custom_id: id, response, error }: JsonObject): boolean {
  const isResponse = isJsonObject(response) && isJsonObject(response["body"]);
  const isError = isJsonObject(error) && typeof error["message"] === "string";
  return typeof id === "string" && (isResponse || isError);
}
