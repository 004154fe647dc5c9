import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readTemplate } from "../../src/core/engine/request/infillTemplate.ts";
import { oracleDirectory, runTiny } from "./testIo.ts";

describe("templates", () => {
  test.each([
    ["{5}", [{ length: 5 }]],
    ["cloud {5} river", ["cloud ", { length: 5 }, " river"]],
    [
      "{1-8}{0-3}",
      [
        { minimum: 1, maximum: 8 },
        { minimum: 0, maximum: 3 },
      ],
    ],
    ['{{"name": "{1-8}"}', ['{"name": "', { minimum: 1, maximum: 8 }, '"}']],
    ["{{{{3} {{{3}} {2}", ["{{3} {", { length: 3 }, "} ", { length: 2 }]],
  ])("%s", (template, segments) => {
    expect(readTemplate(template)).toEqual(segments);
  });

  test("escaped texts are read back unchanged", () => {
    const hole = fc.record({ length: fc.integer({ min: 1, max: 99 }) });
    const text = fc.string({ unit: fc.constantFrom(..."ab{}1-\n"), minLength: 1 });
    fc.assert(
      fc.property(text, hole, text, hole, (...segments) => {
        const template = segments
          .map((each) => (typeof each === "string" ? each.replaceAll("{", "{{") : `{${each.length}}`))
          .join("");
        expect(readTemplate(template)).toEqual(segments);
      }),
    );
  });

  test.each([
    [
      "a {0}",
      `the hole at character 3 must be {n} or {a-b} with n and b at least 1 and a at most b ({{ is a literal brace): found "{0}"`,
    ],
    ["{x}", 'found "{x}"'],
    ["{}", 'found "{}"'],
    ["{3-2}", 'found "{3-2}"'],
    ["{-2}", 'found "{-2}"'],
    ["{1.5}", 'found "{1.5}"'],
    ["{5", 'found "{5"'],
    ["{99999999999999999999}", "found"],
    ["{{5}", 'has no hole like {5} or {1-8}: found "{{5}"'],
  ])("%s is rejected", (template, message) => {
    expect(() => readTemplate(template)).toThrow(message);
  });
});

describe("infill", () => {
  const reverse = ["--prompt", "reverse river stone cloud"];

  test("fills holes of a fixed length and of a range", async () => {
    for (const template of ["cloud {5} river", "cloud {0-40}"]) {
      const { code, stdout, stderr } = await runTiny(["infill", template, ...reverse]);
      expect([code, stdout, stderr]).toEqual([0, "cloud stone river\n", ""]);
    }
  });

  test("reads the template from standard input, and accepts the options of generate", async () => {
    const options = ["--decoder", "fixed", "--steps", "5", "--json"];
    const { code, stdout } = await runTiny(["infill", "-", ...reverse, ...options], {
      input: "cloud {5} river\n",
    });
    expect(code).toBe(0);
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string });
    expect(events.filter(({ type }) => type === "step")).toHaveLength(5);
    expect(events.at(-1)).toMatchObject({ text: "cloud stone river", holes: [{ text: "stone" }] });
  });

  test("works without a prompt, and with a raw prompt", async () => {
    const { code, stdout } = await runTiny(["infill", "{{a{3}b"]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\{a.{3}b\n$/)]);
    const raw = await runTiny(["infill", "a{3}", "--prompt", "{5}", "--raw", "--json"]);
    expect(JSON.parse(raw.stdout.split("\n")[0]!)).toMatchObject({ promptTokens: 3, genLength: 4 });
  });

  test("shows the text on a terminal", async () => {
    const { stdout } = await runTiny(["infill", "cloud {5} river", ...reverse, "--no-color"], {
      tty: true,
    });
    expect(stdout).toContain("cloud ░░░░░ river");
    expect(stdout.endsWith("cloud stone river\n")).toBe(true);
  });

  test.each<[string, readonly string[], string]>([
    ["an empty pipe", ["-"], "Cannot infill as the template is empty"],
    ["an empty template", [" "], "Cannot infill as the template is empty"],
    ["an empty prompt", ["a{3}", "--prompt", ""], "Cannot infill as '--prompt' is empty"],
    ["a template without a hole", ["abc", ...reverse], "has no hole"],
    ["a system message without a prompt", ["a{3}", "--system", "x"], "'--system' without '--prompt'"],
    ["--raw without a prompt", ["a{3}", "--raw"], "'--raw' without '--prompt'"],
    [
      "a system message for raw text",
      ["a{3}", ...reverse, "--raw", "--system", "x"],
      "Cannot use '--system'",
    ],
    ["a length beside holes", ["a{3}", "--gen-length", "8"], "'genLength' does not apply to holes"],
    [
      "text for a model without a tokenizer",
      ["a{3}", "--model", `${oracleDirectory}models/llada`],
      "no tokenizer.json",
    ],
    ["more than the context holds", ["{600}"], "context has 512 positions"],
  ])("rejects %s", async (_, argv, message) => {
    const { code, stdout, stderr } = await runTiny(["infill", ...argv]);
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, ""]);
  });
});
