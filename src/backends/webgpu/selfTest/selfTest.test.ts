import { expect, test } from "vitest";
import { DiffusionError } from "../../../core/error.ts";
import type { Backend } from "../../../core/tensor/index.ts";
import { cpu } from "../../cpu/index.ts";
import type { OpenDevice } from "../device.ts";
import { answerOf, candidates, differenceOf, selfTested } from "./selfTest.ts";

const all = {
  f16: true,
  subgroups: true,
  timestamps: false,
  software: false,
  bindingBytes: 2 ** 27,
  bufferBytes: 2 ** 28,
  workgroupBytes: 16384,
};

/** A device that is known by name only; what it computes, the CPU does. */
function device(): OpenDevice {
  return { device: {} as GPUDevice, capabilities: all, description: "WebGPU on a device", owned: false };
}
/** A backend that computes right with some kernels only; with others its choices are off by one. */
async function faulty(isRight: (open: OpenDevice) => boolean) {
  const backends = await Promise.all(candidates(all).map(() => cpu()()));
  const tried: OpenDevice[] = [];
  const make = (open: OpenDevice): Backend => {
    tried.push(open);
    const backend = backends.pop()!;
    if (isRight(open)) return backend;
    const submit = backend.submit.bind(backend);
    backend.submit = async (pass) => {
      const statistics = await submit(pass);
      return { ...statistics, token: statistics.token.map((token) => token + 1) };
    };
    return backend;
  };
  return { make, tried };
}

test("the known answer is the CPU backend's", async () => {
  const backend = await cpu()();
  const found = await answerOf(backend);
  await backend.dispose();
  expect(found).toHaveLength(6);
  expect(differenceOf(found)).toBeUndefined();
});

test("a device that computes right is used as it is, and tested once", async () => {
  const { make, tried } = await faulty(() => true);
  const open = device();
  expect(await selfTested(open, make)).toEqual(open);
  expect(await selfTested(open, make)).toEqual(open);
  expect(tried).toHaveLength(1);
});

test("where fast kernels compute wrong, safer ones are used, and the description says so", async () => {
  const { make } = await faulty(({ capabilities }) => capabilities.software);
  const { capabilities, description } = await selfTested(device(), make);
  expect(capabilities).toMatchObject({ f16: false, subgroups: false, software: true });
  expect(description).toMatch(
    /^WebGPU on a device; kernels without barriers, as the self-test of faster ones failed: row 0 expected 2/,
  );
});

test("kernels that cannot be made have failed too", async () => {
  const { make } = await faulty(() => true);
  const making = (open: OpenDevice) => {
    const backend = make(open);
    if (open.capabilities.f16) backend.prepare = () => Promise.reject(new Error("no f16 after all"));
    return backend;
  };
  const { capabilities, description } = await selfTested(device(), making);
  expect(capabilities).toMatchObject({ f16: false, subgroups: false, software: false });
  expect(description).toMatch(/without f16 and subgroups.*no f16 after all/);
});

test("a device that computes wrong with all kernels is refused", async () => {
  const { make, tried } = await faulty(() => false);
  await expect(selfTested(device(), make)).rejects.toThrow(
    /'WebGPU on a device' fails with all kernels: row 0 expected 2.*found 3/,
  );
  expect(tried).toHaveLength(3);
});

test("a loss is a loss, not a wrong answer", async () => {
  const { make } = await faulty(() => true);
  const losing = (open: OpenDevice) => {
    const backend = make(open);
    backend.prepare = () => Promise.reject(new DiffusionError("device-lost", "The device was lost: gone"));
    return backend;
  };
  await expect(selfTested(device(), losing)).rejects.toMatchObject({ code: "device-lost" });
});
