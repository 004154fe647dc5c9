/** How Vite builds and serves the page. */
import { fileURLToPath } from "node:url";
import type { UserConfig } from "vite";
import { modelPlugin } from "./offline/modelPlugin.ts";
import { serviceWorkerPlugin } from "./offline/servicePlugin.ts";

/** @param model the folder of the embedded model; without it, another server has to put it beside the page */
export function pageConfig(model?: string): UserConfig {
  return {
    root: fileURLToPath(new URL(".", import.meta.url)),
    // Relative paths, so that the built page works in any folder.
    base: "./",
    // A missing file is an error as on any static host, and not the page.
    appType: "mpa",
    publicDir: false,
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: { outDir: "../dist-demo", emptyOutDir: true, target: "es2023" },
    worker: { format: "es" },
    plugins: [...(model === undefined ? [] : [modelPlugin(model)]), serviceWorkerPlugin()],
  };
}
