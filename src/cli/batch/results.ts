/** The output of a batch: one result a line, in the order in which they came. */
import {
  DiffusionError,
  type DiffusionErrorCode,
  type DoneEvent,
  found,
  type GenerateEvent,
} from "../../core/index.ts";
import { isJsonObject } from "../../core/jsonObject.ts";
import { type BatchItem, type ItemId, isId, lineBreak, linesOf } from "./items.ts";

interface Numbered {
  readonly index: number;
  readonly id?: ItemId;
}
export interface Answered
  extends Numbered,
    Pick<DoneEvent, "text" | "holes" | "tokens" | "usage" | "reason"> {}
export interface Failed extends Numbered {
  readonly error: { readonly code: DiffusionErrorCode; readonly message: string };
}
export type BatchResult = Answered | Failed;

/** The index comes first: that is how a line is known as one of a batch even where it was cut off. */
function numbered({ index, id }: BatchItem): Numbered {
  return id === undefined ? { index } : { index, id };
}

export function answered(item: BatchItem, done: Extract<GenerateEvent, { type: "done" }>): Answered {
  const { text, holes, tokens, usage, reason } = done;
  return {
    ...numbered(item),
    ...(text === undefined ? {} : { text }),
    ...(holes === undefined ? {} : { holes }),
    ...{ tokens, usage, reason },
  };
}

export function failed(item: BatchItem, error: unknown): Failed {
  const code = error instanceof DiffusionError ? error.code : "internal";
  const message = error instanceof Error ? error.message : String(error);
  return { ...numbered(item), error: { code, message } };
}

export function resultLine(result: BatchResult): string {
  return `${JSON.stringify(result)}\n`;
}

/** What a file holds of a batch that was interrupted. */
export interface Previous {
  /** Whether each failed, by index. */
  readonly failed: ReadonlyMap<number, boolean>;
  /** Bytes of the lines that are whole. */
  readonly wholeBytes: number;
}

/**
 * Reads the results that are there, and checks that they are of these items.
 * @throws DiffusionError `invalid-file` for what are no results, or those of other items
 */
export function readPrevious(bytes: Uint8Array, name: string, items: readonly BatchItem[]): Previous {
  const wholeBytes = bytes.lastIndexOf(lineBreak) + 1;
  const results = new Map<number, boolean>();
  for (const [at, line] of linesOf(bytes.subarray(0, wholeBytes)).entries()) {
    const refuse = (why: string) =>
      new DiffusionError("invalid-file", `Cannot go on with '${name}' as its line ${at + 1} ${why}`);
    const result = readResult(line);
    if (!result) throw refuse("is not a result of a batch");
    const { index, id, isFailure } = result;
    const item = items[index];
    if (results.has(index)) throw refuse(`is the second of index ${index}`);
    if (!item) throw refuse(`is of another input, which has ${items.length} requests: found index ${index}`);
    if (item.id !== id) {
      const own = item.id === undefined ? "no id" : `the id ${found(item.id)}`;
      throw refuse(`is of another input, whose request ${index} has ${own}: found ${found(id)}`);
    }
    results.set(index, isFailure);
  }
  const rest = new TextDecoder().decode(bytes.subarray(wholeBytes));
  const cutOff = '{"index":';
  if (!rest.startsWith(cutOff.slice(0, rest.length))) {
    throw new DiffusionError(
      "invalid-file",
      `Cannot go on with '${name}' as its end is no result: found ${found(rest)}`,
    );
  }
  return { failed: results, wholeBytes };
}

function readResult(line: Uint8Array) {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(line));
  } catch {
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const { index, id, error, tokens } = value;
  const known = typeof index === "number" && isId(id) && (error !== undefined || tokens !== undefined);
  return known ? { index, id, isFailure: error !== undefined } : undefined;
}
