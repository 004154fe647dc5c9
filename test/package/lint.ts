/** What others' linters of packages say: publint of package.json, attw of how its types are found. */
import { readFileSync } from "node:fs";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { describe, expect, test } from "vitest";
import type { Installed } from "./installed.ts";

/** attw's profile `esm-only`: `require` of Node 16 and resolution before package.json had `exports` are not promised. */
const notPromised = ["node10", "node16-cjs"];

export function lintTests(installed: () => Installed): void {
  describe("linters of packages", () => {
    const tarball = () => Uint8Array.from(readFileSync(installed().tarball));

    test("publint has nothing to say", async () => {
      const pack = { tarball: tarball().buffer };
      const { messages, pkg } = await publint({ pack, strict: true });
      expect(messages.map((message) => formatMessage(message, pkg!, { color: false }))).toEqual([]);
    });

    test("attw finds the types of every entry point, for Node and for bundlers", async () => {
      const result = await checkPackage(createPackageFromTarballData(tarball()));
      if (result.types === false) throw new Error("attw finds no types");
      const entries = Object.keys(result.entrypoints).filter((name) => name !== "./package.json");
      expect(entries).toHaveLength(11);
      const problems = result.problems.filter((problem) => {
        return !("resolutionKind" in problem && notPromised.includes(problem.resolutionKind));
      });
      expect(problems).toEqual([]);
      for (const name of entries) {
        const { bundler, "node16-esm": esm } = result.entrypoints[name]!.resolutions;
        expect([name, bundler.resolution?.isTypeScript, esm.resolution?.isTypeScript]).toEqual([
          name,
          true,
          true,
        ]);
      }
    });
  });
}
