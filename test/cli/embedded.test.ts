/** Hints for prompts that the embedded model was not trained on. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hintFor } from "../../src/cli/embedded/hints.ts";
import { kindOf, promptKinds } from "../../src/cli/embedded/promptKinds.ts";
import { examplePrompt } from "../../src/cli/prompt.ts";
import { embeddedFolder } from "../../src/sources/embeddedFolder.ts";
import { temporaryFolder } from "./folder.ts";
import { oracleDirectory, runCommand } from "./testIo.ts";

const folder = temporaryFolder();
const read = (file: string) => readFileSync(join(embeddedFolder, file), "utf8");
const user = (content: string) => ({ role: "user", content });
const known = "sort 42 17 90";
const list =
  /^The embedded model was trained on 6 kinds of prompt, and this prompt is of a different kind\. Examples:\n {2}sort 42 17 90\n/;

describe("the kinds of prompt", () => {
  test("match all tasks of training and tests", () => {
    const tasks = JSON.parse(readFileSync(`${oracleDirectory}tasks.json`, "utf8")) as { prompt: string }[];
    const shipped = read("tasks.jsonl").trim().split("\n");
    const prompts = [...tasks, ...shipped.map((line) => JSON.parse(line) as { prompt: string })];
    expect(prompts.length).toBe(720);
    expect(prompts.map(({ prompt }) => prompt).filter((prompt) => !kindOf(prompt))).toEqual([]);
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
    "sort 2 1",
    "sort 1 2 3 4 5 6 7 8",
    "sort 1 22 3",
    "sort 100 20 30",
    "sort 07 12 13",
    "Sort 42 17 90",
    "reverse a b c",
    "reverse river",
    "reverse river stone cloud tiger lemon",
    "tom has 12 apples, gets 5 more and gives away 3. how many books?",
    "tom has 50 apples, gets 5 more and gives away 3. how many apples?",
    "json: bob is 31 and has a red fox",
    "py: subtract 3 from each",
    "py: add 30 to each",
    "story: leo, blue bird, moon",
    "Why is the sky blue?",
    "",
  ])("do not match %j", (prompt) => {
    expect(kindOf(prompt)).toBeUndefined();
  });
});

test.each<[string, Parameters<typeof hintFor>[0], RegExp | undefined]>([
  ["a known prompt", { messages: [user(known)] }, undefined],
  ["tokens", { tokens: [1, 2, 3] }, undefined],
  ["a different prompt", { messages: [user("Why is the sky blue?")] }, list],
  ["a similar prompt", { messages: [user("sort 2 1")] }, /like "sort 42 17 90": three to seven numbers/],
  ["white space around it", { messages: [user(`${known} `)] }, /without white space around them/],
  ["a second turn", { messages: [user(known), { role: "assistant", content: "x" }, user(known)] }, /\/reset/],
  ["a system message", { messages: [{ role: "system", content: "x" }, user(known)] }, /system message/],
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
    expect(stderr).toMatch(/^The embedded model was trained on single prompts[^\n]+\n$/);
  });

  test("counts the unknown prompts of a batch and of an evaluation", async () => {
    const lines = [known, "why?", "sort 2 1"].map((content) => JSON.stringify({ messages: [user(content)] }));
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
