// Keeps of dist what its users need: no modules that are empty and imported by none, and of the declarations those that an entry point
// of the package reaches.
// What stays names its neighbours as the built modules are named, so that no version of TypeScript needs to know better.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";

/** The declarations that package.json names for its entry points, as absolute paths. */
function declaredEntries(root) {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return Object.values(exports).flatMap(({ types }) => (types ? [resolve(root, types)] : []));
}

/** Removes empty modules and declarations that no entry reaches, and rewrites imports of `.ts` to `.js` in those that stay. */
export function trimDist(root) {
  const reached = new Set();
  const waiting = declaredEntries(root);
  while (waiting.length > 0) {
    const file = waiting.pop();
    if (reached.has(file)) continue;
    reached.add(file);
    const imports = relativeImports(file);
    waiting.push(...imports.map(({ target }) => target.replace(/\.ts$/, ".d.ts")));
    writeFileSync(file, renamed(readFileSync(file, "utf8"), imports));
  }
  const all = readdirSync(join(root, "dist"), { recursive: true }).map((name) => join(root, "dist", name));
  const modules = all.filter((file) => file.endsWith(".js"));
  const imported = new Set(modules.flatMap((file) => relativeImports(file).map(({ target }) => target)));
  const useless = [
    ...all.filter((file) => file.endsWith(".d.ts") && !reached.has(file)),
    ...modules.filter((file) => !imported.has(file) && isEmptyModule(file)),
  ];
  for (const file of useless) rmSync(file);
}

/** What a file imports of its neighbours: by name, and as an absolute path. */
function relativeImports(file) {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, "utf8"));
  const near = importedFiles.filter(({ fileName }) => fileName.startsWith("."));
  return near.map((each) => Object.assign(each, { target: resolve(dirname(file), each.fileName) }));
}

/** Whether a module was nothing but types. */
function isEmptyModule(file) {
  const { statements } = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2023);
  return statements.every((each) => ts.isExportDeclaration(each) && each.exportClause?.elements.length === 0);
}

/** The text with `.js` for `.ts` in these imports; from the last to the first, as positions shift. */
function renamed(text, imports) {
  const ordered = [...imports].sort((a, b) => b.pos - a.pos);
  return ordered.reduce((done, { pos, end, fileName }) => {
    const name = fileName.replace(/\.ts$/, ".js");
    return done.slice(0, pos) + done.slice(pos, end + 2).replace(fileName, name) + done.slice(end + 2);
  }, text);
}
