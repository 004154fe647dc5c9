// Removes files of dist that users of the package do not need: empty modules that nothing imports, and declarations that no
// entry point of the package reaches. In the remaining declarations imports of `.ts` become `.js`, which every version of
// TypeScript resolves.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";

/** Absolute paths of the declarations of the package's entry points. */
function declaredEntries(root) {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return Object.values(exports).flatMap(({ types }) => (types ? [resolve(root, types)] : []));
}

/** Removes unneeded modules and declarations, and rewrites imports of `.ts` to `.js` in the remaining declarations. */
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

/** The relative imports of a file, with their absolute paths. */
function relativeImports(file) {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, "utf8"));
  const relative = importedFiles.filter(({ fileName }) => fileName.startsWith("."));
  return relative.map((each) => Object.assign(each, { target: resolve(dirname(file), each.fileName) }));
}

/** Whether a module exports nothing, as its source had types only. */
function isEmptyModule(file) {
  const { statements } = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2023);
  return statements.every((each) => ts.isExportDeclaration(each) && each.exportClause?.elements.length === 0);
}

/** Replaces `.ts` by `.js` in these imports, from the last to the first as each replacement shifts later positions. */
function renamed(text, imports) {
  const ordered = [...imports].sort((a, b) => b.pos - a.pos);
  return ordered.reduce((done, { pos, end, fileName }) => {
    const name = fileName.replace(/\.ts$/, ".js");
    return done.slice(0, pos) + done.slice(pos, end + 2).replace(fileName, name) + done.slice(end + 2);
  }, text);
}
