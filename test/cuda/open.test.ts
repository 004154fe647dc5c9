/** What cannot be opened is told in the words of the loader or the driver. */
import { expect, test } from "vitest";
import { loadAddon } from "../../src/backends/cuda/addon.ts";
import { cuda, whyNoCuda } from "../../src/backends/cuda/index.ts";
import { KernelList } from "../../src/backends/cuda/kernelList.ts";
import { type KernelSpec, params } from "../../src/backends/gpu/kernel.ts";

test("a native part that is not built", () => {
  expect(() => loadAddon("absent" as "gpu")).toThrow(
    /^Cannot use CUDA as its native part cannot be loaded \(`npm run build:native` builds it\): Cannot find module/,
  );
});

test("a device that does not exist", async () => {
  await expect(cuda({ device: "host", index: 3 })()).rejects.toMatchObject({
    code: "unsupported",
    message: "Cannot open a CUDA device: the host device has the index 0",
  });
});

test("a GPU, or why there is none", async () => {
  expect((await whyNoCuda()) ?? "a GPU").toMatch(
    /^(a GPU|Cannot open a CUDA device: .*, driver code \d+|its native part cannot be loaded .*)$/s,
  );
});

test("a kernel that is missing", async () => {
  const buffer = { id: 1, size: 16, destroy: () => {} };
  const options = { steps: buffer, control: buffer };
  const { kernels } = loadAddon("host");
  const spec = (kernel: string, lazy: boolean): KernelSpec => ({
    name: "layer 0",
    forms: [{ kernel }],
    params: params(1),
    bindings: [],
    workgroups: ({ tokens }) => [tokens],
    lazy,
  });
  const message = "Cannot compute 'layer 0' as CUDA has no kernel 'convolve'";
  expect(() => new KernelList(kernels, [spec("norm", false), spec("convolve", false)], options)).toThrow(
    message,
  );
  const list = new KernelList(kernels, [spec("convolve", true)], options);
  const counts = { tokens: 0 } as Parameters<KernelList["launches"]>[0];
  expect(list.compileMissing([counts])).toBeUndefined();
  await expect(list.compileMissing([{ ...counts, tokens: 1 }])).rejects.toThrow(message);
});
