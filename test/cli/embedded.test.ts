/** Hints for prompts that the embedded model was not trained on. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hintFor } from "../../src/cli/embedded/hints.ts";
import { kindOf, promptKinds } from "../../src/cli/embedded/promptKinds.ts";
import { examplePrompt } from "../../src/cli/prompt.ts";
import { embeddedFolder } from "../../src/sources/embeddedFolder.ts";
import { temporaryFolder } from "./folder.ts";
import { runCommand } from "./testIo.ts";

const folder = temporaryFolder();
const read = (file: string) => readFileSync(join(embeddedFolder, file), "utf8");
const user = (content: string) => ({ role: "user", content });
const answer = { role: "assistant", content: "x" };
const known = "sort 42 17 90 8";
const list =
  /^The embedded model was trained on 8 kinds of prompt, and this prompt is of a different kind\. Examples:\n {2}sort 42 17 90 8\n/;

describe("the kinds of prompt", () => {
  test("match all kinds of tasks that the model is measured on", () => {
    const tasks = read("tasks.jsonl").trim().split("\n");
    const prompts = tasks.map((line) => JSON.parse(line) as { prompt: string });
    expect(prompts.length).toBe(119);
    expect(prompts.map(({ prompt }) => prompt).filter((prompt) => !kindOf(prompt))).toEqual([]);
    expect(new Set(prompts.map(({ prompt }) => kindOf(prompt)))).toEqual(new Set(promptKinds));
  });

  test("match the model card, with its examples and words", () => {
    const card = read("README.md");
    const rows = [...card.matchAll(/^\| `([^`]+)`/gm)].map(([, example]) => example);
    expect(rows).toEqual(promptKinds.map(({ example }) => example));
    expect(promptKinds.map(({ example }) => kindOf(example))).toEqual(promptKinds);
    expect(kindOf(examplePrompt)).toBeDefined();
    const words = new Set(promptKinds.flatMap(({ form }) => form.source.match(/\b[a-z]{3,}\b/g) ?? []));
    for (const word of words) expect(card).toMatch(new RegExp(`\\b${word}`));
  });

  test.each([
    "sort 2",
    "sort 1 2 3 4 5 6 7 8 9 10",
    "sort 100 20 30",
    "sort 07 12 13",
    "SORT 42 17 90",
    "reverse a b c",
    "reverse river",
    "reverse river stone cloud tiger lemon piano chair",
    "tom has 12 apples, gets 5 more and gives away 3. how many books?",
    "tom has 50 apples, gets 5 more and gives away 3. how many apples?",
    "json: bob is 31 and has a red fox",
    "json: mia is 7 and has a red fox",
    "py: subtract 3 from each",
    "py: add 100 to each",
    "story: leo, blue bird, moon",
    "line ana tom: copy",
    "line ana tom kim: remove 9",
    "latin square of 1 2",
    "Why is the sky blue?",
    "",
  ])("do not match %j", (prompt) => {
    expect(kindOf(prompt)).toBeUndefined();
  });

  test.each([
    "Sort 2 1",
    "sort 2 1.",
    "sort 2 1\n",
    "Tom has 2 pens, gets 2 more and gives away 2. how many pens?",
  ])("match %j", (prompt) => expect(kindOf(prompt)).toBeDefined());
});

test.each<[string, Parameters<typeof hintFor>[0], RegExp | undefined]>([
  ["a known prompt", { messages: [user(known)] }, undefined],
  ["tokens", { tokens: [1, 2, 3] }, undefined],
  ["a different prompt", { messages: [user("Why is the sky blue?")] }, list],
  ["a similar prompt", { messages: [user("sort 2")] }, /like "sort 42 17 90 8": two to nine numbers/],
  ["white space around it", { messages: [user(` ${known}`)] }, /without white space around them/],
  ["a second turn", { messages: [user(known), answer, user("story: leo, blue bird, lake")] }, undefined],
  ["a list's reverse", { messages: [user(known), answer, user("now reverse that")] }, undefined],
  [
    "a story's reverse",
    { messages: [user("story: leo, blue bird, lake"), answer, user("reverse that")] },
    /is a list/,
  ],
  ["a reverse of nothing", { messages: [user("reverse that")] }, /after an answer that is a list/],
  ["an unknown second turn", { messages: [user(known), answer, user("why?")] }, list],
  ["a third turn", { messages: [user(known), answer, user(known), answer, user(known)] }, /\/reset/],
  ["a system message", { messages: [{ role: "system", content: "x" }, user(known)] }, /system message/],
  [
    "a known system message",
    { messages: [{ role: "system", content: "you are unmask." }, user(known)] },
    undefined,
  ],
  ["raw text", { prompt: known }, /chat template/],
  ["holes without a prompt", { infill: [{ length: 3 }] }, /without a prompt/],
])("the hint for %s", (_, request, hint) => {
  if (hint) expect(hintFor(request)).toMatch(hint);
  else expect(hintFor(request)).toBeUndefined();
});

describe("the command line", () => {
  const one = ["--gen-length", "8", "--block-length", "8"];
  test("prints the hint on standard error, and still answers", async () => {
    const { code, stdout, stderr } = await runCommand(["generate", "Why is the sky blue?", ...one]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/\n$/)]);
    expect(stderr).toMatch(list);
    expect((await runCommand(["infill", "{{a{3}b"])).stderr).toContain("texts without a prompt");
  });

  test("prints no hint for another model, nor for a rejected request", async () => {
    const other = await runCommand(["generate", "Why?", "--model", embeddedFolder, ...one]);
    expect([other.code, other.stderr]).toEqual([0, ""]);
    expect((await runCommand(["generate", "Why?", "--gen-length", "100000"])).stderr).toMatch(
      /^unmask: [^\n]+\n$/,
    );
  });

  test("prints each hint once in a conversation", async () => {
    const { stderr } = await runCommand(["chat", ...one], { input: `${known}\n${known}\n${known}\nwhy?\n` });
    expect(stderr).toMatch(/^The embedded model was trained on conversations of one or two turns[^\n]+\n$/);
  });

  test("counts the unknown prompts of a batch and of an evaluation", async () => {
    const lines = [known, "why?", "sort 2"].map((content) => JSON.stringify({ messages: [user(content)] }));
    const input = folder.write(`${lines.join("\n")}\n`);
    const { stderr } = await runCommand(["batch", "--input", input, "--output", "-", ...one]);
    expect(stderr).toContain(
      "2 of 3 prompts differ from the training data of the embedded model. First hint: ",
    );
    const tasks = folder.write('{"prompt": "why?", "check": {"equals": ""}}\n');
    const configurations = folder.write('[{"genLength": 8}]');
    const argv = ["eval", "--tasks", tasks, "--configurations", configurations, "--out", folder.path("out")];
    expect((await runCommand([...argv, "--no-plot"])).stderr).toContain(
      "1 of 1 prompts differ from the training data",
    );
  });
});
