import { defineConfig } from "vite";

export default defineConfig({
  // Relative paths, so that the built page works in any folder. The build includes the model, models/tiny.
  base: "./",
  publicDir: "../../models",
  build: { target: "es2023" },
});
