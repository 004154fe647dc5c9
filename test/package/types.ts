/** The package's declarations in a user's project, under the strictest settings, with nothing unchecked. */
import { join } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, test } from "vitest";
import { filesOf } from "../adding/treeCopy.ts";
import { type Installed, root } from "./installed.ts";

const strictest: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitOverride: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  isolatedModules: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
};
const lib = (...names: readonly string[]) => names.map((name) => `lib.${name}.d.ts`);
const bundler: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
};
const node: ts.CompilerOptions = { types: ["node"], typeRoots: [join(root, "node_modules/@types")] };

const everywhere = ["entries.ts", "countingBackend.ts"];
const withFetch = [...everywhere, "count.ts", "server.ts"];
const programs: readonly (readonly [string, readonly string[], ts.CompilerOptions])[] = [
  ["ES2023 alone", everywhere, { lib: lib("es2023") }],
  ["ES2023 and Node's types", withFetch, { lib: lib("es2023"), ...node }],
  ["ES2023 and DOM, for a bundler", withFetch, { lib: lib("es2023", "dom"), ...bundler }],
];

/** Parsed once: libraries and the package are most of every program. */
const parsed = new Map<string, ts.SourceFile | undefined>();

function programOf(folder: string, files: readonly string[], options: ts.CompilerOptions): ts.Program {
  const all = { ...strictest, ...options };
  const host = ts.createCompilerHost(all);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, languageVersion, ...rest) => {
    const format = typeof languageVersion === "object" ? languageVersion.impliedNodeFormat : undefined;
    const key = `${name} ${format}`;
    if (!parsed.has(key)) parsed.set(key, read(name, languageVersion, ...rest));
    return parsed.get(key);
  };
  host.getCurrentDirectory = () => folder;
  return ts.createProgram({ rootNames: files.map((name) => join(folder, name)), options: all, host });
}

function problemsOf(program: ts.Program): readonly string[] {
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    return `${file?.fileName}:${line} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}

export function typesTests(installed: () => Installed): void {
  describe("types", () => {
    beforeAll(() => {
      const page = installed().read("docs/adding-a-backend.md");
      for (const { path, text } of filesOf(page)) installed().write(path, text);
    });

    test.each(programs)("hold with %s", (_, files, options) => {
      const { folder } = installed();
      expect(problemsOf(programOf(folder, files, options))).toEqual([]);
    });

    test("refuse what is wrong", () => {
      const { folder } = installed();
      const problems = problemsOf(programOf(folder, ["wrong.ts"], { lib: lib("es2023") }));
      expect(problems).toEqual([
        expect.stringMatching(/wrong\.ts:4 .*'string' is not assignable to type 'number'/),
        expect.stringMatching(/wrong\.ts:5 .*'name' is missing/),
      ]);
    });

    test("a backend of one's own counts the passes of an engine", () => {
      const { folder } = installed();
      programOf(folder, ["count.ts"], { lib: lib("es2023") }).emit();
      const [forwards, passes, positions] = installed().run("node", "count.js").trim().split(" ").map(Number);
      expect(forwards).toBeGreaterThan(1);
      expect([passes, positions! >= 32 * forwards!]).toEqual([forwards, true]);
    });
  });
}
