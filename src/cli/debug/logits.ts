/** `unmask debug logits`: computes the raw logits of whole sequences, for comparison with other implementations. */
import type { JsonField } from "./jsonField.ts";

export interface LogitsCase {
  readonly ids: readonly number[];
  /** Width of the attention mask's blocks; absent for the model's own. */
  readonly maskBlock?: number;
  /** Position at which a block of the attention mask starts. */
  readonly origin: number;
}

/**
 * Reads the cases of a file `{cases: [{ids, blockLength?, origin?, promptLength?}]}`.
 * @throws DiffusionError `invalid-file`
 */
export function readLogitsCases(file: JsonField): readonly LogitsCase[] {
  return file
    .get("cases")
    .list()
    .map((field) => {
      const ids = field.get("ids").tokens();
      if (ids.length === 0) field.get("ids").refuse("a list of at least one token");
      const blockLength = field.get("blockLength");
      const origin = field.get("origin");
      const fromPrompt = !origin.absent && origin.oneOf("zero", "prompt") === "prompt";
      return {
        ids,
        ...(blockLength.absent ? {} : { maskBlock: blockLength.integer(1) }),
        origin: fromPrompt ? field.get("promptLength").integer(0) : 0,
      };
    });
}
