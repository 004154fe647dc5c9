/** What the files of src import, as the TypeScript parser reads them: statically, dynamically, and for types alone. */
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";
import { filesBelow, root } from "./files.ts";

export interface SourceFile {
  readonly path: string;
  /** Files of src, relative to the root. */
  readonly imports: readonly string[];
  /** Names of packages, and of modules of the runtime. */
  readonly packages: readonly string[];
  /** Whether it does nothing but export what other files declare. */
  readonly onlyReexports: boolean;
}

/** Every file of src but tests. */
export function sourceFiles(): readonly SourceFile[] {
  const paths = filesBelow("src", [".ts"]).filter((path) => !path.endsWith(".test.ts"));
  return paths.map(read);
}

function read(path: string): SourceFile {
  const text = readFileSync(join(root, path), "utf8");
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const specifiers = specifiersOf(file);
  const isRelative = (specifier: string) => specifier.startsWith(".");
  return {
    path,
    imports: specifiers.filter(isRelative).map((name) => posix.join(posix.dirname(path), name)),
    packages: specifiers.filter((specifier) => !isRelative(specifier)),
    onlyReexports: file.statements.every(
      (statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined,
    ),
  };
}

function specifiersOf(file: ts.SourceFile): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    // A dynamic import of a computed name, as of a module that the user names, is no arrow between files.
    if (specifier && ts.isStringLiteralLike(specifier)) found.push(specifier.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return node.arguments[0];
  }
  return undefined;
}
