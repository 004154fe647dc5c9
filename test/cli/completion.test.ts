/** Completion scripts: generated from commander's declarations, and run in bash. */
import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { builtIn } from "../../src/cli/options.ts";
import { temporaryFolder } from "./folder.ts";
import { runCommand } from "./testIo.ts";

const folder = temporaryFolder();
const scripts: Record<string, string> = {};
beforeAll(async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, stdout, stderr } = await runCommand(["completion", shell]);
    expect([code, stderr]).toEqual([0, ""]);
    scripts[shell] = stdout;
  }
});

describe("in bash", () => {
  /** The completions of the last word. */
  function offered(...words: readonly string[]): readonly string[] {
    const script = `set -u
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_unmask
printf '%s\\n' "\${COMPREPLY[@]+"\${COMPREPLY[@]}"}"`;
    const file = folder.write(scripts["bash"]!, "unmask.bash");
    const { status, stdout, stderr } = spawnSync("bash", ["-c", script, "bash", file, "unmask", ...words], {
      cwd: folder.path("."),
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([0, ""]);
    return stdout.split("\n").filter((line) => line !== "");
  }

  test("offers the commands", async () => {
    const { stdout } = await runCommand(["--help"]);
    const [, list = ""] = stdout.split("Commands:\n");
    const named = [...list.matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name);
    expect(named).toContain("completion");
    expect(offered("")).toEqual(named.filter((name) => name !== "unmask"));
    expect(offered("e")).toEqual(["eval", "explain"]);
    expect(offered("debug", "")).toEqual(["trace", "sample", "logits", "commits"]);
    expect(offered("completion", "")).toEqual(["bash", "zsh", "fish"]);
  });

  test("offers all options of a command's help", async () => {
    for (const command of [["generate"], ["eval"], ["serve"], ["debug", "sample"], []]) {
      const { stdout } = await runCommand([...command, "--help"]);
      const flags = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag]) => flag!);
      expect(flags.length).toBeGreaterThan(1);
      expect(offered(...command, "--").toSorted()).toEqual(flags.toSorted());
    }
    expect(offered("generate", "--thr")).toEqual(["--threshold"]);
  });

  test("offers the values of options", () => {
    expect(offered("generate", "--decoder", "")).toEqual(builtIn.decoders.map(({ name }) => name));
    expect(offered("generate", "x", "--cache", "du")).toEqual(["dual"]);
    expect(offered("serve", "--backend", "")).toEqual(["auto", "cuda", "webgpu", "wasm", "cpu"]);
    expect(offered("generate", "--confidence-from", "")).toEqual(["raw", "sampling"]);
    expect(offered("generate", "--seed", "")).toEqual([]);
  });

  test("offers file names, including names with spaces", () => {
    const files = ["a trace.jsonl", "b.jsonl"].map((name) => folder.write("", name));
    expect(files).toHaveLength(2);
    expect(offered("replay", "a")).toEqual(["a trace.jsonl"]);
    expect(offered("compare", "b.jsonl", "b")).toEqual(["b.jsonl"]);
    expect(offered("generate", "--model", "a")).toEqual(["a trace.jsonl"]);
    expect(offered("generate", "a")).toEqual([]);
  });
});

test("the scripts for zsh and fish have every command and option", async () => {
  const { stdout } = await runCommand(["generate", "--help"]);
  const flags = [...stdout.matchAll(/^ {2}(?:-\w, )?--([a-z-]+)/gm)].map(([, flag]) => flag!);
  expect(flags.length).toBeGreaterThan(40);
  for (const flag of flags) {
    expect(scripts["zsh"]).toContain(`'*--${flag}[`);
    expect(scripts["fish"]).toMatch(new RegExp(`seen_subcommand_from generate' .*-l ${flag} `));
  }
  expect(scripts["zsh"]).toMatch(/^#compdef unmask\n/);
  for (const name of ["generate", "debug", "completion"]) {
    expect(scripts["zsh"]).toMatch(new RegExp(`^ +${name}\\)$`, "m"));
    expect(scripts["fish"]).toContain(` -a ${name} -d '`);
  }
});

test.each([
  [[], "missing required argument 'shell'"],
  [["tcsh"], "Allowed choices are bash, zsh, fish"],
])("rejects %j", async (argv, message) => {
  const { code, stdout, stderr } = await runCommand(["completion", ...argv]);
  expect(stderr).toContain(message);
  expect([code, stdout]).toEqual([2, ""]);
});
