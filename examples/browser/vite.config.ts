import { defineConfig } from "vite";

export default defineConfig({
  // The built page works wherever it is put; the model, models/tiny, comes with it.
  base: "./",
  publicDir: "../../models",
  build: { target: "es2023" },
});
