import process from "node:process";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "scripts/**/*.test.mjs"],
    setupFiles: ["test/support/properties.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A process begins, a server drains: longer than vitest's one second where two cores have much to do.
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 2,
    env: {
      // WebGPU runs on Chromium's software driver unless another one is asked for.
      VK_ICD_FILENAMES: process.env["VK_ICD_FILENAMES"] ?? "/usr/lib/chromium/vk_swiftshader_icd.json",
      // Mesa warns where there is none.
      XDG_RUNTIME_DIR: process.env["XDG_RUNTIME_DIR"] ?? "/tmp",
    },
  },
});
