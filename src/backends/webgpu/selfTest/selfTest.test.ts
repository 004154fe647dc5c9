import { expect, test } from "vitest";
import { DiffusionError } from "../../../core/error.ts";
import type { Backend } from "../../../core/tensor/index.ts";
import { cpu } from "../../cpu/index.ts";
import type { OpenDevice } from "../device.ts";
import { answerOf, candidates, differenceOf, selfTest } from "./selfTest.ts";

const all = {
  f16: true,
  subgroups: true,
  timestamps: false,
  software: false,
  busyWorkgroups: 512,
  int8Activations: false,
  bindingBytes: 2 ** 27,
  bufferBytes: 2 ** 28,
  workgroupBytes: 16384,
};

/** A device without an implementation: the CPU backend computes in its place. */
function device(): OpenDevice {
  return { device: {} as GPUDevice, capabilities: all, description: "WebGPU on a device", owned: false };
}
/** Makes backends whose results are correct if `isCorrect`; otherwise their chosen tokens are off by one. */
async function faulty(isCorrect: (open: OpenDevice) => boolean) {
  const backends = await Promise.all(candidates(all).flatMap(() => [cpu()(), cpu()()]));
  const tried: OpenDevice[] = [];
  const make = (open: OpenDevice): Backend => {
    tried.push(open);
    const backend = backends.pop()!;
    if (isCorrect(open)) return backend;
    const submit = backend.submit.bind(backend);
    backend.submit = async (pass) => {
      const statistics = await submit(pass);
      return { ...statistics, token: statistics.token.map((token) => token + 1) };
    };
    return backend;
  };
  return { make, tried };
}

test("the CPU backend computes the known result", async () => {
  const backend = await cpu()();
  const found = await answerOf(backend);
  await backend.dispose();
  expect(found).toHaveLength(6);
  expect(differenceOf(found)).toBeUndefined();
});

test("a device with correct results is used with all its features, and is tested once", async () => {
  const { make, tried } = await faulty(() => true);
  const open = device();
  expect(await selfTest(open, make)).toEqual(open);
  expect(await selfTest(open, make)).toEqual(open);
  // Once with few rows, and once with many.
  expect(tried.map(({ capabilities }) => capabilities.busyWorkgroups)).toEqual([512, 1]);
});

test("kernels that fail with many rows only are not used", async () => {
  const { make } = await faulty(({ capabilities }) => capabilities.busyWorkgroups !== 1);
  const { capabilities, description } = await selfTest(device(), make);
  expect(capabilities).toMatchObject({ f16: false, software: false, busyWorkgroups: 0 });
  expect(description).toMatch(/products neither split nor large, as the self-test .* row 0 expected 57/);
});

test("if fast kernels give wrong results, safer kernels are used and named in the description", async () => {
  const { make } = await faulty(({ capabilities }) => capabilities.software);
  const { capabilities, description } = await selfTest(device(), make);
  expect(capabilities).toMatchObject({ f16: false, subgroups: false, software: true });
  expect(description).toMatch(
    /^WebGPU on a device; uses kernels without barriers, as the self-test of faster kernels failed: row 0 expected 57/,
  );
});

test("kernels that do not compile count as failed", async () => {
  const { make } = await faulty(() => true);
  const making = (open: OpenDevice) => {
    const backend = make(open);
    if (open.capabilities.f16) backend.prepare = () => Promise.reject(new Error("f16 is not supported"));
    return backend;
  };
  const { capabilities, description } = await selfTest(device(), making);
  expect(capabilities).toMatchObject({ f16: false, subgroups: false, software: false });
  expect(description).toMatch(/without f16 and subgroups.*f16 is not supported/);
});

test("a device whose kernels all give wrong results is refused", async () => {
  const { make, tried } = await faulty(() => false);
  await expect(selfTest(device(), make)).rejects.toThrow(
    /'WebGPU on a device' fails with all kernels: row 0 expected 57.*found 58/,
  );
  expect(tried).toHaveLength(3);
});

test("a device loss during the test is reported as a device loss", async () => {
  const { make } = await faulty(() => true);
  const losing = (open: OpenDevice) => {
    const backend = make(open);
    backend.prepare = () => Promise.reject(new DiffusionError("device-lost", "The device was lost: gone"));
    return backend;
  };
  await expect(selfTest(device(), losing)).rejects.toMatchObject({ code: "device-lost" });
});
