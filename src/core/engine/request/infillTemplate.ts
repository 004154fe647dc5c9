/** Templates of infilling, as the command line and links write them: text with holes, for example `cloud {5} river {1-8}`. `{{` is a literal brace. */
import { DiffusionError, found } from "../../error.ts";
import type { InfillSegment } from "./request.ts";

/** An escaped brace, or a hole. */
const marks = /\{\{|\{[^}]*\}?/g;

/** @throws DiffusionError `invalid-request` for an invalid hole, and for a template without holes */
export function readTemplate(template: string): readonly InfillSegment[] {
  const segments: InfillSegment[] = [];
  let text = "";
  let end = 0;
  for (const { 0: mark, index } of template.matchAll(marks)) {
    text += template.slice(end, index);
    end = index + mark.length;
    if (mark === "{{") {
      text += "{";
      continue;
    }
    if (text !== "") segments.push(text);
    text = "";
    segments.push(readHole(mark, index));
  }
  text += template.slice(end);
  if (segments.length === 0) {
    throw new DiffusionError(
      "invalid-request",
      `Cannot infill as the template has no hole like {5} or {1-8}: found ${found(template)}`,
    );
  }
  return text === "" ? segments : [...segments, text];
}

function readHole(mark: string, index: number): InfillSegment {
  const [, first, last] = /^\{(\d+)(?:-(\d+))?\}$/.exec(mark) ?? [];
  const minimum = Number(first);
  const maximum = Number(last ?? first);
  const isValid = Number.isSafeInteger(maximum) && maximum >= 1 && minimum <= maximum;
  if (first !== undefined && isValid) {
    return last === undefined ? { length: maximum } : { minimum, maximum };
  }
  const form = "{n} or {a-b} with n and b at least 1 and a at most b ({{ is a literal brace)";
  const message = `Cannot infill as the hole at character ${index + 1} must be ${form}: found ${found(mark)}`;
  throw new DiffusionError("invalid-request", message);
}
