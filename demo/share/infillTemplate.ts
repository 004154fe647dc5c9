/** Pinned text and holes as one text, for example `cloud {5} river {1-8}`: what `readTemplate` reads. */
import type { InfillSegment } from "../../src/core/index.ts";

/** @returns undefined where a part is pinned by its token ids, as only the same model could read it */
export function templateOf(infill: readonly InfillSegment[]): string | undefined {
  let template = "";
  for (const part of infill) {
    if (typeof part === "string") template += part.replaceAll("{", "{{");
    else if (isTokens(part)) return undefined;
    else template += "maximum" in part ? `{${part.minimum ?? 0}-${part.maximum}}` : `{${part.length}}`;
  }
  return template;
}

const isTokens = (part: InfillSegment): part is readonly number[] => Array.isArray(part);
