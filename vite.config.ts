/** The page in demo/: `npm run demo` serves it, `npm run demo:build` makes static files of it. */
import { defineConfig } from "vite";
import { serviceWorkerPlugin } from "./demo/offline/servicePlugin.ts";

export default defineConfig({
  root: "demo",
  // Relative paths, so that the built page works in any folder.
  base: "./",
  // A missing file is an error as on any static host, and not the page.
  appType: "mpa",
  // The embedded model is at tiny/ beside the page.
  publicDir: "../models",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: { outDir: "../dist-demo", emptyOutDir: true, target: "es2023" },
  worker: { format: "es" },
  plugins: [serviceWorkerPlugin()],
});
