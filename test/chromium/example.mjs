// The example page as a user gets it: built by Vite, served, opened.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, preview } from "vite";

const root = fileURLToPath(new URL("../../examples/browser", import.meta.url));
const right = "cloud stone river";

/** @throws if the page does not show the right answer, unmasked bit by bit, on WebGPU and where there is none */
export async function checkExample(browser) {
  const outDir = mkdtempSync(join(tmpdir(), "unmask-page-"));
  const options = { root, logLevel: "warn", build: { outDir, emptyOutDir: true } };
  await build(options);
  const server = await preview({ ...options, preview: { host: "localhost" } });
  try {
    const address = server.resolvedUrls.local[0];
    await open(browser, address, { hasGpu: true, device: /^WebGPU/ });
    await open(browser, address, { hasGpu: false, device: /^CPU/ });
  } finally {
    await server.close();
    rmSync(outDir, { recursive: true });
  }
}

async function open(browser, address, { hasGpu, device }) {
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(error));
  await page.addInitScript((hasGpu) => {
    if (!hasGpu) Object.defineProperty(navigator, "gpu", { value: undefined });
    globalThis.shown = [];
    const keep = () => shown.push(document.querySelector("#answer")?.textContent ?? "");
    new MutationObserver(keep).observe(document, { subtree: true, childList: true, characterData: true });
  }, hasGpu);
  await page.goto(address);
  try {
    const isRight = (text) => document.querySelector("#answer").textContent === text;
    await page.waitForFunction(isRight, right, { timeout: 120_000 });
  } catch (cause) {
    const found = await page.textContent("body");
    throw new Error(`The page never shows '${right}': found '${found.trim()}'`, {
      cause: errors[0] ?? cause,
    });
  }
  const shown = await page.evaluate(() => globalThis.shown);
  // Masks alone first, then text among masks.
  if (!shown.some((text) => /^░+$/.test(text))) throw new Error("The page never shows only masks");
  if (!shown.some((text) => /░/.test(text) && /\w/.test(text)))
    throw new Error("The page never shows text between masks");
  const name = await page.textContent("#device");
  if (!device.test(name)) throw new Error(`The page runs on '${name}' and not on ${device}`);
  console.log(`Example page: right on ${name}`);
  await page.close();
}
