/** Templates of `unmask infill`: text with holes, as in `cloud {5} river {1-8}`; `{{` is a brace. */
import { DiffusionError, found, type InfillSegment } from "../core/index.ts";

/** A brace, or a hole to its end. */
const marks = /\{\{|\{[^}]*\}?/g;

/** @throws DiffusionError `invalid-request` for a hole that is none, and if there is none */
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
  const [, least, most] = /^\{(\d+)(?:-(\d+))?\}$/.exec(mark) ?? [];
  const minimum = Number(least);
  const maximum = Number(most ?? least);
  const valid = Number.isSafeInteger(maximum) && maximum >= 1 && minimum <= maximum;
  if (least !== undefined && valid) {
    return most === undefined ? { length: maximum } : { minimum, maximum };
  }
  const form = "{n} or {a-b}, with n and b from 1 on and a at most b ({{ is a brace)";
  const message = `Cannot infill as the hole at character ${index + 1} must be ${form}: found ${found(mark)}`;
  throw new DiffusionError("invalid-request", message);
}
