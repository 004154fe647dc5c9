import process from "node:process";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take more than a minute begin first, so that no core waits at the end for one that began last. */
class LongestFirst extends BaseSequencer {
  static readonly #longest =
    /\/test\/(webgpu\/(suites|loss)|serve\/process|cpu\/(blockTraces|traces\w+)|engine\/batch|cuda\/(whole|traces\w+))\.test\.ts$/;

  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LongestFirst.#longest.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "scripts/**/*.test.mjs", "demo/**/*.test.ts"],
    setupFiles: ["test/support/properties.ts", "test/support/patientDawn.ts"],
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A process begins, a server drains: longer than vitest's one second where two cores have much to do.
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 2,
    // Files share the two processes: starting one and importing everything takes most of a second a file.
    isolate: false,
    env: {
      // WebGPU runs on Chromium's software driver unless another one is asked for.
      VK_ICD_FILENAMES: process.env["VK_ICD_FILENAMES"] ?? "/usr/lib/chromium/vk_swiftshader_icd.json",
      // Mesa warns where there is none.
      XDG_RUNTIME_DIR: process.env["XDG_RUNTIME_DIR"] ?? "/tmp",
    },
  },
});
