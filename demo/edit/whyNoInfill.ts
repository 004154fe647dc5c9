import type { EngineInfo } from "../../src/core/index.ts";

/** Why answers of a model cannot be edited; undefined if they can. */
export function whyNoInfill({ maskBlock }: Pick<EngineInfo, "maskBlock">): string | undefined {
  if (maskBlock === Infinity) return undefined;
  return "This model sees no text behind a mask, as it decodes block by block: its answers cannot be filled in.";
}
