/** The command as a separate process, under Node (from dist/, built by `npm run build`) and under Deno. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { hideCursor, showCursor } from "../../src/cli/terminal.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const runtimes = [
  ["Node", [process.execPath, "dist/cli/main.js"]],
  ["Deno", ["node_modules/.bin/deno", "run", "-A", "src/cli/main.ts"]],
] as const;
const tiny = ["--model", "models/tiny"];
const story = [
  "generate",
  ...tiny,
  "'story: leo, blue bird, lake'",
  "--threshold",
  "2",
  "--gen-length",
  "256",
];

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs a process; `onOutput` may write to it, or close its output. */
function start(
  command: string,
  args: readonly string[],
  onOutput: (output: string, child: ReturnType<typeof spawn>) => void = () => {},
): Promise<Ended> {
  const env = { ...process.env, TERM: "xterm-256color", NO_COLOR: "1" };
  const child = spawn(command, args, { cwd: root, env, stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    onOutput(output, child);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  child.stdin.on("error", () => {});
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output, errors }));
  });
}

/** Runs a command line on a pseudoterminal. */
function onTerminal(command: readonly string[], onOutput: Parameters<typeof start>[2]): Promise<Ended> {
  return start("script", ["-qec", command.join(" "), "/dev/null"], onOutput);
}

/** Types each text once, after its expected output has appeared. */
function typing(...turns: readonly (readonly [after: string, text: string])[]): Parameters<typeof start>[2] {
  let turn = 0;
  let seen = 0;
  return (output, child) => {
    for (let next = turns[turn]; next; next = turns[turn]) {
      const [after, text] = next;
      const at = output.indexOf(after, seen);
      if (at < 0) return;
      seen = at + after.length;
      turn++;
      child.stdin!.write(text);
    }
  };
}

/** Expects that the cursor was hidden, and then shown again. */
function expectShownCursor(output: string): void {
  expect(output).toContain(hideCursor);
  expect(output.lastIndexOf(showCursor)).toBeGreaterThan(output.lastIndexOf(hideCursor));
}

describe.each(runtimes)("%s", (_, [command, ...args]) => {
  test("runs the command, with its exit codes", async () => {
    const child = start(command, [...args, "generate", ...tiny, "sort 42 17 90"]);
    expect(await child).toEqual({ code: 0, output: "17 42 90\n", errors: "" });
    const refused = await start(command, [...args, "generate", "x", "--threshold", "abc"]);
    expect(refused.code).toBe(2);
    expect(refused.errors).toMatch(/^unmask: Cannot use '--threshold'.*\n$/);
  });

  test("ends quietly on a closed pipe", async () => {
    // Without a shell, the quotes would be part of the prompt.
    const words = story.map((word) => word.replaceAll("'", ""));
    const ended = await start(command, [...args, ...words, "--json"], (_output, child) =>
      child.stdout!.destroy(),
    );
    expect([ended.code, ended.errors]).toEqual([0, ""]);
  });

  test("ends quietly if its help is not read", async () => {
    const piped = 'set -o pipefail; "$@" | true';
    const ended = await start("bash", ["-c", piped, "bash", command, ...args, "eval", "--help"]);
    expect(ended).toEqual({ code: 0, output: "", errors: "" });
  });

  test("Ctrl-C leaves a clean terminal", async () => {
    const { code, output } = await onTerminal([command, ...args, ...story], typing([" forwards", "\u0003"]));
    expect(code).toBe(130);
    expect(output).toContain("░░░░");
    expectShownCursor(output);
    expect(output).toMatch(/unmask: interrupted\r\n$/);
  });
});

test("in a conversation, Ctrl-C stops a running answer, and quits at the prompt", async () => {
  const [, [command, ...args]] = runtimes[0];
  const { code, output } = await onTerminal(
    [command, ...args, "chat", ...tiny, "--decoder", "fixed", "--steps", "32"],
    typing(
      ["> ", "story: leo, blue bird, lake\r"],
      [" forwards", "\u0003"],
      ["Stopped", ""],
      ["> ", "sort 42 17 90\r"],
      ["17 42 90\r\n", ""],
      ["> ", "\u0003"],
    ),
  );
  expect(output).toContain("Stopped. This turn is not part of the conversation.");
  expect(output).toContain("17 42 90\r\n");
  expect(code).toBe(130);
  expectShownCursor(output);
});
