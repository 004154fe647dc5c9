/** The package as a user gets it: packed, and installed into an empty folder by npm. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { embeddedFolder } from "../../src/sources/embeddedFolder.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));
/** The folder of the embedded model in the package. */
export const embedded = relative(root, embeddedFolder).replaceAll("\\", "/");

export class Installed {
  /** The user's project. */
  readonly folder = mkdtempSync(join(tmpdir(), "unmask-package-"));
  /** The file that `npm pack` made. */
  readonly tarball: string;
  /** The package in the project's node_modules. */
  readonly package: string;

  constructor() {
    const packing = ["pack", "--json", "--ignore-scripts", "--pack-destination", this.folder];
    const [{ filename }] = JSON.parse(output("npm", packing, root)) as [{ filename: string }];
    this.tarball = join(this.folder, filename);
    this.package = join(this.folder, "node_modules", "unmask");
    this.write("package.json", JSON.stringify({ name: "empty", type: "module", private: true }));
    const installing = ["install", "--no-audit", "--no-fund", "--no-package-lock", this.tarball];
    try {
      this.run("npm", ...installing, "--offline");
    } catch {
      // npm's cache lacks a dependency.
      this.run("npm", ...installing, "--prefer-offline");
    }
  }

  /** Runs a command in the project, and returns what it prints. @throws with its standard error where it fails */
  run(command: string, ...args: readonly string[]): string {
    return output(command, args, this.folder);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** Paths in the package, with `/`. */
  get files(): readonly string[] {
    return readdirSync(this.package, { recursive: true })
      .map((name) => String(name).replaceAll("\\", "/"))
      .filter((name) => !name.startsWith("node_modules/") && statSync(join(this.package, name)).isFile())
      .sort();
  }

  read(file: string): string {
    return readFileSync(join(this.package, file), "utf8");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function output(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
