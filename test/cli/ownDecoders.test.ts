/** `--decoder-module`: custom decoders on the command line. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { builtInOptions } from "../../src/cli/options.ts";
import { readTrace } from "../../src/core/index.ts";
import { tinyFolder } from "../support/tinyModel.ts";
import { temporaryFolder } from "./folder.ts";
import { runCommand, runTiny } from "./testIo.ts";

const folder = temporaryFolder();
/** The source of a decoder that commits the first `count` masked positions, without imports. */
const decoder = (name: string, extra = "") => `{
  name: "${name}", help: "from the left", source: "a test",
  parameters: { count: { kind: "number", integer: true, minimum: 1, maximum: Infinity, exclusiveMinimum: false,
    nullable: false, default: 2, help: "positions a step" }${extra} },
  commit({ open, token }, { count }, out) { for (const at of open.slice(0, count)) out.commit(at, token[at]); },
}`;
const module = (text: string) => folder.write(text, `decoder${modules++}.mjs`);
let modules = 0;

const own = module(`export default ${decoder("leftmost")};`);
const prompt = "sort 42 17 90";
const short = ["--gen-length", "8", "--block-length", "8"];
const left = ["--decoder-module", own, "--decoder", "leftmost", ...short];

describe("generate", () => {
  test("accepts the decoder, and its parameters as options", async () => {
    for (const [options, positions] of [
      [[], [0, 1]],
      [
        ["--count", "3"],
        [0, 1, 2],
      ],
    ] as const) {
      const trace = folder.path();
      const argv = ["generate", prompt, ...left, ...options, "--trace", trace];
      expect(await runTiny(argv)).toMatchObject({ code: 0, stderr: "" });
      const { header, events } = readTrace(folder.read(trace), trace);
      expect(header.choices.decoder.name).toBe("leftmost");
      const step = events.find((event) => event.type === "step")!;
      expect(step.positions.map((position) => position - step.block.start)).toEqual(positions);
    }
  });

  test("lists the options in its help, and validates them", async () => {
    const { stdout } = await runCommand(["generate", "--help", "--decoder-module", own]);
    expect(stdout).toMatch(/"leftmost"/);
    expect(stdout).toMatch(/--count <integer> +positions a step \(leftmost: 2\)/);
    const refused = await runTiny(["generate", prompt, ...left, "--count", "0"]);
    expect(refused.stderr).toContain(
      "Cannot use decoder 'leftmost' as 'count' must be an integer at least 1",
    );
    const without = await runCommand(["generate", prompt, "--decoder", "leftmost"]);
    expect([refused.code, without.code]).toEqual([2, 2]);
  });

  test("accepts several modules, and all decoders of a module", async () => {
    const several = module(
      `export const a = ${decoder("a")}, b = ${decoder("b")}; export const limit = 3; export function helper() {}`,
    );
    const listed = module(`export const decoders = [${decoder("c")}, ${decoder("d")}];`);
    for (const name of ["a", "b", "c", "d", "leftmost"]) {
      const files = [own, several, listed].flatMap((file) => ["--decoder-module", file]);
      const argv = ["generate", prompt, ...files, "--decoder", name, ...short];
      expect(await runTiny(argv)).toMatchObject({ code: 0, stderr: "" });
    }
  });
});

test("infill, chat and batch accept the decoder", async () => {
  const infill = ["infill", "cloud {5} river", "--prompt", "reverse river stone cloud"];
  const options = ["--decoder-module", own, "--decoder", "leftmost", "--json"];
  const steps = (stdout: string) => stdout.split('"type":"step"').length - 1;
  expect(steps((await runTiny([...infill, ...options])).stdout)).toBe(3);
  const chat = await runTiny(["chat", ...options, ...short, "--count", "4"], { input: prompt });
  expect(steps(chat.stdout)).toBe(2);
  const line = { messages: [{ role: "user", content: prompt }], decoder: { name: "leftmost", count: 8 } };
  const call = {
    custom_id: "a",
    method: "POST",
    url: "/v1/chat/completions",
    body: { messages: line.messages },
  };
  const input = folder.write(`${JSON.stringify(line)}\n${JSON.stringify(call)}\n`);
  const batch = await runTiny(["batch", "--input", input, "--output", "-", ...left, "--count", "4"]);
  expect(batch).toMatchObject({ code: 0, stderr: "2 of 2 requests done, 0 failed\n" });
  expect(batch.stdout).toMatch(/"forwards":1,/);
});

test("eval accepts the decoder, and passes it on to its jobs", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const tasks = folder.write(`{"prompt": "${prompt}", "check": {"equals": "17 42 90"}}\n`);
  const configurations = folder.write(
    '[{"name": "own", "genLength": 8, "decoder": {"name": "leftmost", "count": 8}}]',
  );
  const args = [
    "dist/cli/main.js",
    "eval",
    "--tasks",
    tasks,
    "--configurations",
    configurations,
    "--no-plot",
    "--model",
    tinyFolder,
  ];
  const more = ["--decoder-module", own, "--jobs", "2", "--out", folder.path("results")];
  const table = execFileSync(process.execPath, [...args, ...more], { cwd: root, encoding: "utf8" });
  expect(table).toMatch(/\| own +\| 1 /);
});

describe("a module is rejected if", () => {
  const needle = (text: string) => module(text);
  test.each<[string, () => string, string]>([
    [
      "the file is missing",
      () => "/nowhere.mjs",
      "Cannot load decoders as there is no such file: found '/nowhere.mjs'",
    ],
    [
      "the module is broken",
      () => needle("throw new Error('no luck');"),
      "its module cannot be imported (Error: no luck)",
    ],
    [
      "it exports nothing",
      () => needle("const a = 1;"),
      "must export one as 'default', as 'decoders' or under its name",
    ],
    ["it exports no decoder", () => needle("export const a = 1;"), 'or under its name: found "a"'],
    [
      "its default is not a decoder",
      () => needle("export default { a: 1 };"),
      "a decoder with a function 'commit'",
    ],
    [
      "it has no name",
      () => needle("export default { commit() {}, parameters: {} };"),
      "a decoder with a 'name'",
    ],
    [
      "its parameters are not declared",
      () => needle('export default { commit() {}, name: "x", parameters: { a: 1 } };'),
      "'parameters' declared by number, boolean or choice",
    ],
    [
      "its name is the name of a built-in decoder",
      () => needle(`export default ${decoder("threshold")};`),
      "as a decoder of this name is built in",
    ],
    [
      "its name is the name of another custom decoder",
      () => needle(`export default ${decoder("leftmost")};`),
      `as a decoder of this name comes from '${own}'`,
    ],
    [
      "a parameter is boolean, but a number in another decoder",
      () =>
        needle(`export default ${decoder("odd", ', count: { kind: "boolean", default: true, help: "" }')};`),
      "Cannot derive option 'count' as 'leftmost' and 'odd' disagree on whether it is boolean",
    ],
  ])("%s", async (_, file, message) => {
    const path = file();
    for (const command of [["generate", prompt], ["serve"]]) {
      const argv = [...command, "--decoder-module", own, "--decoder-module", path];
      const { code, stdout, stderr } = await runCommand(argv);
      expect(stderr).toContain(message);
      expect(stderr).toMatch(/^unmask: [^\n]+\n$/);
      expect([code, stdout]).toEqual([2, ""]);
    }
  });

  test("its value is missing", async () => {
    const { code, stderr } = await runCommand(["generate", prompt, "--decoder-module"]);
    expect([code, stderr]).toEqual([2, "unmask: option '--decoder-module <file>' argument missing\n"]);
  });
});

test("a parameter can have the name of any option of the commands", async () => {
  const { stdout } = await runCommand(["generate", "--help"]);
  const others = await Promise.all(
    ["infill", "chat", "batch"].map(async (name) => (await runCommand([name, "--help"])).stdout),
  );
  const flags = [stdout, ...others].flatMap((text) => text.match(/^ {2}(?:-\w, )?--[a-z-]+/gm) ?? []);
  const names = [...new Set(flags.map((flag) => flag.replace(/^.*--(?:no-)?/, "")))];
  expect(names.length).toBeGreaterThan(40);
  const camelCased = names.map((name) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()));
  const parameter = '{ kind: "choice", choices: ["a"], nullable: false, default: "a", help: "" }';
  // Declared options can be shared.
  const shared = new Set(builtInOptions.map(({ attribute }) => attribute));
  const taken = camelCased.filter((name) => !shared.has(name));
  expect(taken).toEqual(expect.arrayContaining(["model", "example", "decoderModule", "concurrency"]));
  const file = module(
    `export default { ...${decoder("greedy")}, parameters: { ${taken.map((name) => `${name}: ${parameter}`).join(", ")} } };`,
  );
  for (const command of ["generate", "infill", "chat", "batch"]) {
    expect(await runCommand([command, "--help", "--decoder-module", file])).toMatchObject({
      code: 0,
      stderr: "",
    });
  }
});
