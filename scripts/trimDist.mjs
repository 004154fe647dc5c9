// Removes files of dist that users of the package do not need: modules and declarations that no entry point of the package
// reaches. In the remaining declarations imports of `.ts` become `.js`, which every version of TypeScript resolves.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";

/** Loaded by its address, in a thread. */
const threads = ["dist/remote/threadMain.js"];

/** Removes unneeded modules and declarations, and rewrites imports of `.ts` to `.js` in the remaining declarations. */
export function trimDist(root) {
  const { exports, bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const entries = Object.values(exports).filter((entry) => typeof entry !== "string");
  const absolute = (files) => files.map((file) => resolve(root, file));
  const declarations = reached(absolute(entries.map(({ types }) => types)), (target) =>
    target.replace(/\.ts$/, ".d.ts"),
  );
  for (const file of declarations)
    writeFileSync(file, renamed(readFileSync(file, "utf8"), relativeImports(file)));
  const starts = [...entries.map((entry) => entry.default), ...Object.values(bin), ...threads];
  const modules = reached(absolute(starts), (target) => target);
  const all = readdirSync(join(root, "dist"), { recursive: true }).map((name) => join(root, "dist", name));
  const useless = all.filter(
    (file) => /\.(js|d\.ts)$/.test(file) && !modules.has(file) && !declarations.has(file),
  );
  for (const file of useless) rmSync(file);
}

/** These files, and all that they import of dist. @param fileOf the file that an import's target stands for */
function reached(starts, fileOf) {
  const found = new Set();
  const waiting = [...starts];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    waiting.push(...relativeImports(file).map(({ target }) => fileOf(target)));
  }
  return found;
}

/** The relative imports of a file, with their absolute paths. */
function relativeImports(file) {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, "utf8"));
  const relative = importedFiles.filter(({ fileName }) => fileName.startsWith("."));
  return relative.map((each) => Object.assign(each, { target: resolve(dirname(file), each.fileName) }));
}

/** Replaces `.ts` by `.js` in these imports, from the last to the first as each replacement shifts later positions. */
function renamed(text, imports) {
  const ordered = [...imports].sort((a, b) => b.pos - a.pos);
  return ordered.reduce((done, { pos, end, fileName }) => {
    const name = fileName.replace(/\.ts$/, ".js");
    return done.slice(0, pos) + done.slice(pos, end + 2).replace(fileName, name) + done.slice(end + 2);
  }, text);
}
