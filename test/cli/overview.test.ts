/** The help of the program is written without the modules of its commands. */
import { expect, test } from "vitest";
import { runCommand } from "./testIo.ts";

test("the help of the program is that of its commands as they declare themselves", async () => {
  const { code, stdout } = await runCommand(["--help"]);
  expect(code).toBe(0);
  // Before an option that is not one of help, all commands are imported.
  expect((await runCommand(["--verbose", "--help"])).stdout).toBe(stdout);
  expect(stdout).toContain("convert [options] <source> <target>");
});

test.each([[[]], [["genrate"]], [["help"]]])("%j is wrong usage", async (argv) => {
  const { code, stderr } = await runCommand(argv);
  expect(code).toBe(2);
  expect(stderr).toMatch(argv.length === 0 ? /^Usage: unmask/ : /^unmask: unknown command/);
});
