// The run as a surface: drawn with WebGPU, turned, zoomed and pointed at. Without WebGPU the page says why there is none.
import { checkCells } from "./cells.mjs";
import { run } from "./steps.mjs";

/** Keeps the devices of a page that is opened next, with those that are lost. */
export function watchDevices(page) {
  return page.addInitScript(() => {
    globalThis.devices = { opened: [], lostCount: 0 };
    const request = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = async function (...options) {
      const device = await request.apply(this, options);
      globalThis.devices.opened.push(device);
      device.lost.then(() => globalThis.devices.lostCount++);
      return device;
    };
  });
}

/** Of a page with `watchDevices`. @throws Error if nothing is drawn, if a device outlives its view, if words do not follow the pointer, or if a click does not go to its pass */
export async function checkSurface(page) {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await run(page, "Done");
  await page.getByRole("button", { name: "Surface", exact: true }).click();
  const canvas = page.locator(".surface canvas");
  await canvas.waitFor();
  await page.locator(".surface-labels .title", { hasText: "confidence" }).waitFor();
  await expectPicture(page, canvas);
  const box = await canvas.boundingBox();
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await page.mouse.move(middle.x, middle.y);
  const words = page.locator("#surface-place", { hasText: /^Pass \d+, position \d+: (guess|committed) “/ });
  await words.waitFor();
  const pass = /^Pass (\d+)/.exec(await words.textContent())[1];
  await page.mouse.down();
  await page.mouse.up();
  await page.locator(".playback .pass", { hasText: new RegExp(`^pass ${pass}/`) }).waitFor();

  const clicked = await canvas.screenshot();
  await page.mouse.down();
  await page.mouse.move(middle.x + 120, middle.y + 30, { steps: 4 });
  await page.mouse.up();
  await changed(page, canvas, clicked, "turned by the pointer");
  const turned = await canvas.screenshot();
  await page.mouse.wheel(0, -400);
  await changed(page, canvas, turned, "zoomed by the wheel");
  await canvas.press("Home");
  await canvas.press("ArrowUp");

  await page.evaluate(() => globalThis.devices.opened.at(-1).destroy());
  await page.waitForFunction(() => globalThis.devices.opened.length === 2);
  await canvas.press("ArrowUp");
  await page.waitForFunction(() => globalThis.devices.lostCount === 1);
  await canvas.press("Shift+ArrowLeft");
  await page.locator("#surface-place", { hasText: /^Pass \d+, position \d+: / }).waitFor();
  await expectPicture(page, canvas);
  await page.getByRole("button", { name: "Cells", exact: true }).click();
  await page.locator(".cells canvas").first().waitFor();
  if ((await canvas.count()) > 0) throw new Error("The surface must go when another view is chosen");
  await page.waitForFunction(() => globalThis.devices.lostCount === globalThis.devices.opened.length);
  await checkCells(page);
}

/** @throws Error if the page does not say in words that there is no surface, and why */
export async function checkNoSurface(page) {
  await run(page, "Done");
  await page.getByRole("button", { name: "Surface", exact: true }).click();
  await page.getByText(/The surface cannot be drawn, as .*WebGPU/).waitFor();
}

/** Waits until the picture is another one: it is drawn with the browser's next frame. */
async function changed(page, canvas, before, how) {
  for (let attempt = 0; attempt < 50; attempt++) {
    if (!(await canvas.screenshot()).equals(before)) return;
    await page.waitForTimeout(100);
  }
  throw new Error(`The surface must be ${how}: found the same picture`);
}

/** Waits until the surface is drawn: then it has many shades. */
async function expectPicture(page, canvas) {
  for (let attempt = 0; attempt < 50; attempt++) {
    if ((await colorCount(page, await canvas.screenshot())) >= 50) return;
    await page.waitForTimeout(100);
  }
  throw new Error("The surface must be drawn: found an empty canvas");
}

/** How many colours a screenshot has, read by the browser itself. */
function colorCount(page, png) {
  return page.evaluate(async (base64) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    return new Set(new Uint32Array(data.buffer)).size;
  }, png.toString("base64"));
}
