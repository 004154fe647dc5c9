import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** Creates a folder that is removed after the tests of the file. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), "unmask-cli-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  let count = 0;
  const path = (name = `${count++}.jsonl`) => join(folder, name);
  return {
    /** A path in the folder; a unique one by default. */
    path,
    /** Writes a file in the folder, and returns its path. */
    write(content: string | Uint8Array, name?: string): string {
      const file = path(name);
      writeFileSync(file, content);
      return file;
    },
    read: (file: string) => readFileSync(file, "utf8"),
    lines: <T>(file: string) =>
      readFileSync(file, "utf8")
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as T),
  };
}
