/** Mutations of JSON text, for property tests of readers. */
import fc from "fast-check";

/** Replacements for tokens of a JSON text. */
const nonsense = fc.constantFrom(
  ..."-1 0 -0 1 7 1.5 1e3 1e308 1e999 9007199254740991 9007199254740993 18446744073709551615 4294967296".split(
    " ",
  ),
  ...'NaN Infinity null true "" "F32" "F8_E4M3" [] [[]] [0,0] [0,8] {} {"a":{}} "../../x" "/etc/passwd" "a\\u0000"'.split(
    " ",
  ),
  ...'"model.safetensors" "one.safetensors" , ] } "'.split(" "),
  '{"dtype":"F32","shape":[],"data_offsets":[0,4]}',
  "[".repeat(3000) + "]".repeat(3000),
);

/** Replaces tokens of a JSON text, deletes or duplicates members. The result is mostly JSON, and rarely valid. */
export const jsonMutation = fc.array(
  fc.record({ kind: fc.constantFrom("replace", "delete", "double"), at: fc.nat(), value: nonsense }),
  { minLength: 1, maxLength: 3 },
);
export function mutateJson(
  text: string,
  steps: readonly { kind: string; at: number; value: string }[],
): string {
  return steps.reduce((current, { kind, at, value }) => {
    const pattern =
      kind === "replace"
        ? /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|\[[^[\]]*\]/g
        : /"[^"]*":(?:"[^"]*"|\[[^\]]*\]|\d+),?/g;
    const tokens = [...current.matchAll(pattern)];
    const token = tokens[at % Math.max(tokens.length, 1)];
    if (!token) return current + value;
    const instead =
      kind === "replace" ? value : kind === "delete" ? "" : `${token[0]},${token[0]}`.replace(",,", ",");
    return current.slice(0, token.index) + instead + current.slice(token.index + token[0].length);
  }, text);
}
