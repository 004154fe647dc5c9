/**
 * The structures that host and device exchange are declared once, in src/backends/layout. Shaders and the code that packs and
 * reads words name their fields: no offset, size or flag stands there as a number.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

const filesIn = (folder: string, end: string, skip: readonly string[] = []) =>
  readdirSync(`${root}${folder}`, { recursive: true })
    .map((name) => `${folder}/${String(name).replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(end) && !skip.includes(path));

const shaders = filesIn("shaders", ".wgsl", ["shaders/include/layout.wgsl"]);
const sources = ["src/backends/gpu", "src/backends/webgpu"]
  .flatMap((folder) => filesIn(folder, ".ts"))
  .filter((path) => !/\.test\.ts$|shaders\.generated\.ts$|\/selfTest\//.test(path));

/** Buffers of words. */
const words = "(?:control|report|memory|candidates|logprobs|forbidden|groups|gather_list)";
const bareInShaders = [
  // An accessor with a number for a field.
  /\b(?:step_word|control_word)\(\d/,
  /\b(?:\w*row_state|request_\w+|parameter|parameter_float)\(\w+, \d/,
  /\b(?:decision_of|set_decision)\(\w+, \w+, \d/,
  new RegExp(`\\b${words}\\[(?:[^\\]]*[+*] ?)?\\d+u?\\b`),
  new RegExp(`\\b${words}\\[[^\\]]*\\b\\d+u[^\\]]*\\]`),
  // Sizes and flags.
  /\bconst \w*WORDS\w* = \d/,
  /\bflags?(?:\[[^\]]*\])? ?[&|] ?~?\d/,
  // Components of a wanted row.
  /\b(?:wanted|rows\[[^\]]*\])\.[xyzw]\b/,
];
const bareInSources = [
  /\b(?:words|floats)\[[^\]]*(?<![\w.])\d+[^\]]*\]/,
  /\b\w*(?:[wW]ords?|Field|Flag) = [1-9]\d*;/,
  /\bflags\[[^\]]*\]!? ?(?:[&|]=? ?~?\d)/,
  /\bwords\.set\(\s*\[/,
];

function found(text: string, patterns: readonly RegExp[]): readonly string[] {
  const code = text.replaceAll(/\/\/.*$|^\s*\*.*$|\/\*\*.*\*\/$/gm, "");
  return patterns.flatMap((pattern) => code.match(new RegExp(pattern, "g")) ?? []);
}

test.each(shaders)("%s has no bare offset", (path) => {
  expect(found(readFileSync(root + path, "utf8"), bareInShaders)).toEqual([]);
});

test("the code that packs and reads words has no bare offset", () => {
  const all = sources.flatMap((path) => {
    return found(readFileSync(root + path, "utf8"), bareInSources).map((match) => `${path}: ${match}`);
  });
  expect(all).toEqual([]);
});

test.each([
  "let start = request_word(request, 15u);",
  "let count = step_word(4u);",
  "let done = control_word(0u);",
  "set_row_state(state, 11u, 1u);",
  "report[edits_at + 2u * offset + 1u] = token;",
  "let tiles = groups[0];",
  "let at = memory[at + 2u + entry];",
  "const REQUEST_WORDS = 33u;",
  "flags[at] = flags[at] & 2u;",
  "if (rows[row].z == NONE) { return; }",
  "let bound = parameter_float(b, 0u);",
])("a shader with '%s' is refused", (line) => {
  expect(found(line, bareInShaders)).not.toEqual([]);
});

test.each([
  "rows.token[row] = words[at + 2]!;",
  "const statisticsWords = 16;",
  "flags[position]! |= 2;",
  "words.set([row, start, end], to + 3);",
])("code with '%s' is refused", (line) => {
  expect(found(line, bareInSources)).not.toEqual([]);
});
