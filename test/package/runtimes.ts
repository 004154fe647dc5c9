/** The package at work: in Node, Deno and a bundle of Vite's, with a package `webgpu` that is missing or broken. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, createLogger } from "vite";
import { afterEach, describe, expect, test } from "vitest";
import { filesOf } from "../adding/treeCopy.ts";
import { embeddedAnswer } from "../support/embeddedAnswer.ts";
import { embedded, type Installed, root } from "./installed.ts";

/** Packages `webgpu` that fail, and what of it must be told. */
const broken = [
  [
    "throws as it is loaded",
    { "index.js": 'throw new Error("libvulkan.so.1: cannot open shared object file");' },
    /libvulkan\.so\.1: cannot open shared object file/,
  ],
  [
    "lacks its native part",
    { "index.js": 'import "./dawn.node.js";' },
    /Cannot find module .*dawn\.node\.js/,
  ],
  ["lacks a dependency", { "index.js": 'import "dawn-binary";' }, /Cannot find package 'dawn-binary'/],
  ["lacks its main file", {}, /Cannot find (package|module) .*webgpu.index\.js/],
  [
    "fails when it is started",
    { "index.js": 'export const globals = {}; export const create = () => { throw "no such backend"; };' },
    /no such backend/,
  ],
] as const;

export function runtimesTests(installed: () => Installed): void {
  const deno = join(root, "node_modules/.bin/deno");

  describe("runtimes", () => {
    test("Node generates text, without the optional package 'webgpu'", async () => {
      const [picked, ...answer] = installed().run("node", "use.js").split("\n");
      expect(picked).toMatch(/^wasm this runtime has no WebGPU /);
      expect(answer.join("\n")).toBe(`${await embeddedAnswer("reverse river stone")}\n`);
    });

    test("Deno generates text", async () => {
      const printed = installed().run(deno, "run", "-A", "--node-modules-dir=manual", "--no-lock", "use.js");
      expect(printed).toMatch(/^(wasm|webgpu) /);
      expect(printed.endsWith(`\n${await embeddedAnswer("reverse river stone")}\n`)).toBe(true);
    });

    test("its bin runs", async () => {
      const printed = installed().run("npx", "--no-install", "unmask", "generate", "reverse cloud river");
      expect(printed).toBe(`${await embeddedAnswer("reverse cloud river")}\n`);
    });

    test("a decoder of one's own runs, as its page has it", () => {
      const [program] = filesOf(installed().read("docs/adding-a-decoder.md"));
      installed().write(program!.path, program!.text);
      const lines = installed().run("node", program!.path).split("\n");
      expect(lines.slice(0, 3)).toEqual([
        "64 open, 32 committed",
        "32 open, 16 committed",
        "16 open, 8 committed",
      ]);
      expect(lines.at(-2)).toBe("cloud stone river");
    });

    test("Vite bundles it without a warning, and the bundle generates text", async () => {
      const { folder } = installed();
      const warnings: string[] = [];
      const customLogger = createLogger("silent");
      customLogger.warn = (message) => warnings.push(message);
      customLogger.warnOnce = customLogger.warn;
      await build({
        root: folder,
        configFile: false,
        customLogger,
        build: { lib: { entry: "page.js", formats: ["es"], fileName: "page" }, target: "es2023" },
      });
      expect(warnings).toEqual([]);
      const model = join(installed().package, embedded);
      installed().write(
        "useBundle.js",
        `import { readFileSync, readdirSync } from "node:fs";
         import { answer } from "./dist/page.js";
         const names = readdirSync(${JSON.stringify(model)});
         const files = names.map((name) => [name, new Uint8Array(readFileSync(${JSON.stringify(model)} + "/" + name))]);
         console.log(await answer(Object.fromEntries(files), "reverse river stone"));`,
      );
      const bundle = readFileSync(join(folder, "dist/page.js"), "utf8");
      expect(bundle.match(/from ?"node:[^"]*"/)).toBeNull();
      expect(installed().run("node", "useBundle.js")).toBe(
        `${await embeddedAnswer("reverse river stone")}\n`,
      );
      expect(readdirSync(join(folder, "dist"))).toContain("page.js");
    });
  });

  describe("a package 'webgpu' that", () => {
    const folder = () => join(installed().folder, "node_modules/webgpu");
    afterEach(() => rmSync(folder(), { recursive: true, force: true }));

    test.each(broken)("%s is told in the loader's words", (_, files, words) => {
      mkdirSync(folder());
      writeFileSync(
        join(folder(), "package.json"),
        '{"name": "webgpu", "type": "module", "main": "index.js"}',
      );
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder(), name), text);
      installed().write(
        "gpu.js",
        `import { auto } from "unmask/auto";
         import { webgpu } from "unmask/webgpu";
         await webgpu()().catch(({ code, message, cause }) => console.log(code, message, cause !== undefined));
         await auto({ onPick: (what, why) => console.log(what, why) })();`,
      );
      const [refused, picked] = installed().run("node", "gpu.js").split("\n");
      const fails = "the package 'webgpu' is installed and fails: ";
      expect(refused).toMatch(
        new RegExp(`^unsupported Cannot use WebGPU as ${fails}.*${words.source}.*true$`),
      );
      expect(picked).toMatch(new RegExp(`^wasm ${fails}.*${words.source}`));
    });
  });
}
