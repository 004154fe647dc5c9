// A GPU device that is lost in the middle of a run: the page says so, and the run comes to its end.
import { expectReady } from "./steps.mjs";

const answer = "cloud stone river";

/** @throws if the loss is not shown in words, or changes the answer */
export async function checkDeviceLoss(page) {
  await page.getByLabel("Backend").selectOption("webgpu");
  await page.locator(".notice .device", { hasText: "WebGPU" }).waitFor();
  await expectReady(page, "the embedded model");
  const worker = page.workers().at(-1);
  await worker.evaluate(destroyOnce, 3);
  await page.getByRole("button", { name: "Text", exact: true }).click();
  await page.getByRole("button", { name: "Reverse" }).click();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  const note = page.locator(".recovery");
  await note.filter({ hasText: /^The device was lost \(.+\)\. It is opened again/ }).waitFor();
  await note.filter({ hasText: /was back after .+The run started over/ }).waitFor();
  await page.locator(".status", { hasText: /^Done$/ }).waitFor();
  await page.locator(".text-view", { hasText: answer }).waitFor();
}

/** In the worker: destroys the device at its n-th command encoder from now on. */
function destroyOnce(n) {
  const create = GPUDevice.prototype.createCommandEncoder;
  let count = 0;
  GPUDevice.prototype.createCommandEncoder = function (...args) {
    if (++count === n) this.destroy();
    return create.apply(this, args);
  };
}
