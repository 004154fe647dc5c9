/** What the package holds: what its users need, and each thing once. */
import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { shaderSources } from "../../src/backends/webgpu/shaders.generated.ts";
import { embedded, type Installed, root } from "./installed.ts";

interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<"types" | "default", string>>>>;
  readonly scripts: Readonly<Record<string, string>>;
}

/** Loaded by its address, in a thread. */
const threads = ["dist/remote/threadMain.js"];

/** Files of dist that programs import. The page is a bundle of its own. */
function modulesOf(files: readonly string[]): readonly string[] {
  return files.filter((file) => file.startsWith("dist/") && !file.startsWith("dist/page/"));
}

export function filesTests(installed: () => Installed): void {
  const manifest = () => JSON.parse(installed().read("package.json")) as Manifest;
  /** The files of the entry points: modules or declarations. */
  const entries = (condition: "types" | "default") =>
    Object.values(manifest().exports).flatMap((entry) =>
      typeof entry === "string" ? [] : [entry[condition]],
    );

  /** What these files import of the package, each other included. */
  function reached(starts: readonly string[], target: (file: string) => string): ReadonlySet<string> {
    const found = new Set<string>();
    const waiting = starts.map((file) => posix.normalize(file));
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      if (found.has(file)) continue;
      found.add(file);
      const imports = ts.preProcessFile(installed().read(file)).importedFiles.map(({ fileName }) => fileName);
      const near = imports.filter((name) => name.startsWith("."));
      waiting.push(...near.map((name) => target(posix.join(dirname(file), name))));
    }
    return found;
  }

  describe("files", () => {
    test("are of the kinds that are meant to be there", () => {
      const kinds = [
        /^dist\/.*\.(js|d\.ts)$/,
        /^dist\/page\/(index\.html|assets\/[\w-]+\.(js|css))$/,
        /^docs\/[\w-]+\.md$/,
        /^deploy\//,
        new RegExp(`^${embedded}/`),
      ];
      const others = installed().files.filter((file) => !kinds.some((kind) => kind.test(file)));
      expect(others).toEqual(["LICENSE", "README.md", "package.json"]);
    });

    test("are modules and declarations that something needs", () => {
      const all = (end: string) => modulesOf(installed().files).filter((file) => file.endsWith(end));
      const starts = [...entries("default"), ...Object.values(manifest().bin), ...threads];
      const modules = reached(starts, (file) => file);
      const declarations = reached(entries("types"), (file) => file.replace(/\.js$/, ".d.ts"));
      expect(all(".js").filter((file) => !modules.has(file))).toEqual([]);
      expect(all(".d.ts").filter((file) => !declarations.has(file))).toEqual([]);
    });

    test("hold the page that `unmask serve` has, with all that it names", () => {
      const named = [
        ...installed()
          .read("dist/page/index.html")
          .matchAll(/="\.\/(assets\/[^"]+)"/g),
      ];
      expect(named.length).toBeGreaterThanOrEqual(2);
      for (const [, name] of named) expect(installed().files).toContain(`dist/page/${name}`);
    });

    test("hold every shader once", () => {
      const texts = modulesOf(installed().files).map((file) => installed().read(file));
      for (const [name, source] of Object.entries(shaderSources)) {
        const written = JSON.stringify(source).slice(1, -1);
        expect([name, texts.filter((text) => text.includes(written)).length]).toEqual([name, 1]);
      }
    });

    test("are no more than five megabytes beside the model", () => {
      const size = (file: string) => readFileSync(join(installed().package, file)).length;
      const bytes = installed().files.reduce((sum, file) => sum + size(file), 0);
      expect(bytes).toBeLessThan(size(`${embedded}/model.safetensors`) + 5e6);
    });

    test("do without the repository's: preparing an installed package does nothing", () => {
      expect(manifest().scripts["prepare"]).toBeDefined();
      const before = installed().files;
      installed().run("npm", "run", "prepare", "--prefix", installed().package);
      expect(installed().files).toEqual(before);
    });

    test("are prepared in a clone: npm runs the build", () => {
      const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
      const [, script] = /import\('\.\/([^']+)'\)/.exec(own.scripts["prepare"]!)!;
      expect(own.scripts["build"]).toBe(`node ${script}`);
      expect(readFileSync(join(root, script!), "utf8")).toContain("tsconfig.build.json");
    });
  });
}
