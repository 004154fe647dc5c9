/** What cannot be opened is told in the words of the loader or the driver. */
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import { hasAddon, loadAddon, loadNative } from "../../src/backends/cuda/addon.ts";
import { cuda, whyNoCuda } from "../../src/backends/cuda/index.ts";
import { KernelList } from "../../src/backends/cuda/kernelList.ts";
import { type KernelSpec, params } from "../../src/backends/gpu/kernel.ts";

test("a native part that is not built", () => {
  expect(hasAddon("absent" as "gpu")).toBe(false);
  expect(() => loadAddon("absent" as "gpu")).toThrow(
    "Cannot use CUDA as its native part is not built: `npm run build:native` builds it in the repository",
  );
});

test("a native part that cannot be loaded", () => {
  const path = join(tmpdir(), `unmask-damaged-${process.pid}.node`);
  writeFileSync(path, "no library");
  try {
    expect(() => loadNative(path)).toThrow(
      /^Cannot use CUDA as its native part cannot be loaded: .*(file too short|invalid ELF header)/,
    );
  } finally {
    rmSync(path);
  }
});

test("a device that does not exist", async () => {
  await expect(cuda({ device: "host", index: 3 })()).rejects.toMatchObject({
    code: "unsupported",
    message: "Cannot use CUDA as no device opens: the host device has the index 0",
  });
});

test("a GPU, or why there is none", async () => {
  expect((await whyNoCuda()) ?? "a GPU").toMatch(
    /^(a GPU|no device opens: .*, driver code \d+|its native part is not built: .*)$/s,
  );
});

test("a kernel that is missing", async () => {
  const buffer = { id: 1, size: 16, destroy: () => {} };
  const options = { steps: buffer, control: buffer };
  const { kernels } = loadAddon("host");
  const table = { define: () => 1, forget: () => {} };
  const spec = (kernel: string, lazy: boolean): KernelSpec => ({
    name: "layer 0",
    forms: [{ kernel }],
    params: params(1),
    bindings: [],
    workgroups: ({ tokens }) => [tokens],
    lazy,
  });
  const message = "Cannot compute 'layer 0' as CUDA has no kernel 'convolve'";
  expect(
    () => new KernelList(kernels, [spec("norm", false), spec("convolve", false)], options, table),
  ).toThrow(message);
  const list = new KernelList(kernels, [spec("convolve", true)], options, table);
  const counts = { tokens: 0 } as Parameters<KernelList["program"]>[0];
  expect(list.compileMissing([counts])).toBeUndefined();
  await expect(list.compileMissing([{ ...counts, tokens: 1 }])).rejects.toThrow(message);
});
