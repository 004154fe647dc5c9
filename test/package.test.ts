/** The package as a user gets it: packed, installed into an empty project, typed and used. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
let project: string;

function inProject(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { cwd: project, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "unmask-package-"));
  const listing = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [{ filename }] = JSON.parse(listing) as [{ filename: string }];
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ name: "empty", type: "module", private: true }),
  );
  inProject("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", join(project, filename));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

test("its entry points generate text", () => {
  writeFileSync(
    join(project, "use.js"),
    `import { Engine } from "unmask";
     import { auto } from "unmask/auto";
     import { embeddedModel } from "unmask/node";
     const onPick = (what, why) => console.log(what, why);
     const engine = await Engine.load(embeddedModel(), { backend: auto({ onPick }) });
     for await (const event of engine.generate({ messages: [{ role: "user", content: "reverse river stone" }] })) {
       if (event.type === "done") console.log(event.text);
     }
     await engine.dispose();`,
  );
  // The package 'webgpu' is optional, and not there.
  expect(inProject("node", "use.js").trim()).toMatch(/^cpu this runtime has no WebGPU .*\nstone river$/);
});

test("its types hold under the strictest settings, and refuse what is wrong", () => {
  const use = (length: string) => `import { Engine, type GenerateEvent, DiffusionError } from "unmask";
     import { auto } from "unmask/auto";
     import { cpu } from "unmask/cpu";
     import { webgpu } from "unmask/webgpu";
     import { directory } from "unmask/node";
     import { connectEngine, serveEngine } from "unmask/remote";
     import { url } from "unmask/sources";
     export async function answer(path: string): Promise<string | undefined> {
       const source = path.startsWith("http") ? url(path) : directory(path);
       const backend = path === "" ? cpu() : path === "gpu" ? webgpu() : auto();
       const { port1, port2 } = new MessageChannel();
       void serveEngine(port1, (loading) => Engine.load(source, { backend, ...loading }));
       const engine = await connectEngine(port2);
       let last: GenerateEvent | undefined;
       for await (const event of engine.generate({ prompt: "a", genLength: ${length} })) last = event;
       if (last?.type !== "done") throw new DiffusionError("internal", "no end");
       return last.text;
     }`;
  const compile = (text: string) => {
    writeFileSync(join(project, "use.ts"), text);
    const options = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--noEmit"];
    const modules = ["--module", "nodenext", "--target", "es2023", "--lib", "es2023,dom"];
    return () =>
      inProject("node", join(root, "node_modules/typescript/bin/tsc"), ...options, ...modules, "use.ts");
  };
  expect(compile(use("8"))()).toBe("");
  expect(compile(use('"8"'))).toThrow();
});

test("its bin runs", () => {
  const output = inProject("npx", "--no-install", "unmask", "generate", "reverse cloud river");
  expect(output.trim()).toBe("river cloud");
});
