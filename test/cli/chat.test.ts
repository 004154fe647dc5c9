import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { runTiny, TestIo } from "./testIo.ts";

describe("a piped conversation", () => {
  test("answers each line", async () => {
    const input = "sort 42 17 90\n\n/reset\nreverse river stone";
    const { code, stdout, stderr } = await runTiny(["chat"], { input });
    expect([code, stdout, stderr]).toEqual([0, "17 42 90\nstone river\n", "A new conversation.\n"]);
  });

  test.each(["", "\n \n"])("rejects input without a turn: %j", async (input) => {
    const { code, stdout, stderr } = await runTiny(["chat"], { input });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toBe("unmask: Cannot chat as standard input is empty\n");
  });

  test("has commands", async () => {
    const input = "/help\n/what\n/exit\nsort 42 17 90\n";
    const { code, stdout, stderr } = await runTiny(["chat"], { input });
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toMatch(/^\/reset starts .*\nUnknown command \/what\. \/reset starts .*\n$/);
  });

  test("keeps its history until /reset", async () => {
    const turns = async (input: string) => {
      const { stdout } = await runTiny(["chat", "--json"], { input });
      const events = stdout.split("\n").filter((line) => line !== "");
      return events
        .map((line) => JSON.parse(line) as { type: string; promptTokens: number })
        .filter(({ type }) => type === "start")
        .map(({ promptTokens }) => promptTokens);
    };
    const [first, second] = await turns("sort 42 17 90\nsort 42 17 90\n");
    expect(second).toBeGreaterThan(first! * 1.5);
    expect(await turns("sort 42 17 90\n/reset\nsort 42 17 90\n")).toEqual([first, first]);
  });

  test("reports an exceeded context, continues after /reset, and ends with exit code 2", async () => {
    const sort = "sort 42 17 90\n";
    const input = `${sort}${sort}/reset\n${sort}`;
    const { code, stdout, stderr } = await runTiny(
      ["chat", "--gen-length", "480", "--block-length", "480", "--threshold", "0"],
      { input },
    );
    const answers = stdout.trimEnd().split("\n");
    expect(answers).toEqual([answers[0], answers[0]]);
    expect(stderr).toContain("the context has 512 positions");
    expect(stderr).toContain("/reset starts a new one");
    expect(code).toBe(2);
  });

  test("drops a failed turn", async () => {
    const { code, stdout, stderr } = await runTiny(["chat"], { input: "sort é\nsort 42 17 90\n" });
    expect(stdout).toBe("17 42 90\n");
    expect(stderr).toContain("drops 'é' (U+00E9) at position 5 of messages[0].content");
    expect(code).toBe(2);
  });

  test("Ctrl-C stops a running answer, and otherwise ends the conversation", async () => {
    const input = new PassThrough();
    const io = new TestIo({ input });
    io.stdout.when('"type":"step"', () => io.interrupt());
    io.stderr.when("Stopped", () => setTimeout(() => io.interrupt(), 50));
    input.write("story: leo, blue bird, lake\n");
    const { code, stderr } = await runTiny(["chat", "--json", "--threshold", "2"], io);
    expect(stderr).toBe("Stopped. This turn is not part of the conversation.\n");
    expect(code).toBe(130);
    expect(io.listenerCount).toBe(0);
  });
});
