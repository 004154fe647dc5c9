// Builds the page in demo/ into dist/page, from where `unmask serve` serves it. The embedded model is not copied.
import { createRequire } from "node:module";
import process from "node:process";

/** In the current folder. Without Vite there is no page, which only a package must have. @returns whether to go on */
export async function buildPage() {
  try {
    createRequire(import.meta.url).resolve("vite/package.json");
  } catch {
    const isPackage = ["pack", "publish"].includes(process.env["npm_command"] ?? "");
    const words = "as Vite is not installed: run `npm ci` without --omit=dev";
    console.error(
      isPackage ? `Cannot build the page ${words}` : `unmask serve will have no page ${words} to build it`,
    );
    return !isPackage;
  }
  const { build } = await import("vite");
  await build({
    configFile: "demo/served.config.ts",
    logLevel: "warn",
    build: { outDir: "../dist/page" },
  });
  return true;
}
