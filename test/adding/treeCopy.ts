/** A copy of the tree for following a page of docs/. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const copied = [
  "src",
  "assembly",
  "shaders",
  "native",
  "scripts",
  "docs",
  "test",
  "package.json",
  "tsconfig.json",
];
const copiedConfigs = ["tsconfig.build.json", "tsconfig.core.json", "vitest.config.ts"];
/** Read-only folders, which are linked. */
const shared = ["bench", "node_modules", "models", join("test", "fixtures")];

/** A file in a code block of a page. The first line of the block is the path. */
export interface PageFile {
  readonly path: string;
  readonly text: string;
}

/** The files of a page in order. */
export function filesOf(page: string): readonly PageFile[] {
  const blocks = page.matchAll(/^( *)```\w+\n([\s\S]*?)^\1```/gm);
  return [...blocks].flatMap(([, indent, code]) => {
    const text = code!.replaceAll(new RegExp(`^${indent}`, "gm"), "");
    const path = /^\/\/ ([\w./-]+\.\w+)\n/.exec(text)?.[1];
    return path === undefined ? [] : [{ path, text: text.slice(text.indexOf("\n") + 1) }];
  });
}

export class TreeCopy {
  readonly folder = mkdtempSync(join(tmpdir(), "unmask-tree-"));

  constructor() {
    const leftOut = [join(root, "test", "fixtures"), join(root, "native", "build")];
    for (const name of [...copied, ...copiedConfigs]) {
      cpSync(join(root, name), join(this.folder, name), {
        recursive: true,
        filter: (from) => !leftOut.includes(from),
      });
    }
    for (const name of shared) symlinkSync(join(root, name), join(this.folder, name));
  }

  /** Writes a new file, or adds the block to an existing file. */
  apply({ path, text }: PageFile): void {
    const file = join(this.folder, path);
    writeFileSync(file, existsSync(file) ? withAdded(readFileSync(file, "utf8"), text) : text);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/**
 * Adds imports at the top, exports at the end, a `case` before the `default`, and other lines at the end of the first list or
 * declaration that encloses lines of their indentation.
 */
function withAdded(file: string, added: string): string {
  const lines = added.split("\n").filter((line) => line !== "");
  const imports = lines.filter((line) => line.startsWith("import "));
  const exports = lines.filter((line) => line.startsWith("export "));
  const inner = lines.filter((line) => !imports.includes(line) && !exports.includes(line));
  const outerIndent = (/^ */.exec(inner[0] ?? "")![0].length || 2) - 2;
  const listEnd = new RegExp(`^ {${outerIndent}}(?:\\];|\\};|\\}\\);)$|(?<=enum \\w+ \\{[^}]*)^\\}$`, "m");
  const end = inner[0]?.trim().startsWith("case ") ? /^ *default:/m : listEnd;
  const at = inner.length > 0 ? end.exec(file)!.index : file.length;
  return [...imports, file.slice(0, at).trimEnd(), ...inner, file.slice(at), ...exports, ""].join("\n");
}
