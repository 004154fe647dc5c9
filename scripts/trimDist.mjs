// Keeps of dist what its users need: no modules that are empty, as all of them was types, and of the declarations those that
// an entry point of the package reaches.
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
    const text = readFileSync(file, "utf8");
    const imports = ts.preProcessFile(text).importedFiles.filter(({ fileName }) => fileName.startsWith("."));
    for (const { fileName } of imports) {
      waiting.push(resolve(dirname(file), fileName.replace(/\.ts$/, ".d.ts")));
    }
    writeFileSync(file, renamed(text, imports));
  }
  const all = readdirSync(join(root, "dist"), { recursive: true }).map((name) => join(root, "dist", name));
  for (const file of all) {
    if (file.endsWith(".d.ts") ? !reached.has(file) : isEmptyModule(file)) rmSync(file);
  }
}

/** Nothing imports these: an import of types alone is left out of what is built. */
function isEmptyModule(file) {
  if (!file.endsWith(".js")) return false;
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
