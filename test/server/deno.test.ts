/** The app under Deno. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("streams to two clients, and aborts the requests of clients that disconnect", async () => {
  const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const deno = path("../../node_modules/.bin/deno");
  const { stdout } = await promisify(execFile)(deno, ["run", "-A", path("support/inDeno.ts")]);
  expect(stdout).toBe("17 42 90\n17 42 90\n");
});
