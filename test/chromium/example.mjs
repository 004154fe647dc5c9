// The example page as a user gets it: built by Vite, served, opened.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, preview } from "vite";

const root = fileURLToPath(new URL("../../examples/browser", import.meta.url));
const right = "cloud stone river";

/** @throws if the page does not show the right answer, unmasked bit by bit */
export async function checkExample(browser) {
  const outDir = mkdtempSync(join(tmpdir(), "unmask-page-"));
  const options = { root, logLevel: "warn", build: { outDir, emptyOutDir: true } };
  await build(options);
  const server = await preview({ ...options, preview: { host: "localhost" } });
  try {
    await open(browser, server.resolvedUrls.local[0]);
  } finally {
    await server.close();
    rmSync(outDir, { recursive: true });
  }
}

async function open(browser, address) {
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(error));
  await page.addInitScript(() => {
    globalThis.shown = [];
    const keep = () => shown.push(document.querySelector("#answer")?.textContent ?? "");
    new MutationObserver(keep).observe(document, { subtree: true, childList: true, characterData: true });
  });
  await page.goto(address);
  try {
    await page.waitForFunction((text) => document.querySelector("#answer").textContent === text, right);
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
  console.log(`Example page: right on ${await page.textContent("#device")}`);
  await page.close();
}
