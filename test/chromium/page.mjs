// The page in demo/ as its visitors get it: built, served as static files, opened in a browser without WebGPU.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, preview } from "vite";
import { openBrowser } from "./browser.mjs";
import { checkChat } from "./page/chat.mjs";
import { checkInfill } from "./page/infill.mjs";

const configFile = fileURLToPath(new URL("../../vite.config.ts", import.meta.url));
const root = fileURLToPath(new URL("../../demo", import.meta.url));
const story =
  "one day leo went to the lake. there leo saw a blue bird. the bird was lost, so leo took the blue bird home.";

/** Builds the page, and serves it until `use` has resolved. */
export async function withBuiltPage(use) {
  const outDir = mkdtempSync(join(tmpdir(), "unmask-demo-"));
  const options = { configFile, root, logLevel: "warn", build: { outDir, emptyOutDir: true } };
  await build(options);
  const server = await preview({ ...options, preview: { host: "localhost" } });
  try {
    return await use(server.resolvedUrls.local[0]);
  } finally {
    await server.close();
    rmSync(outDir, { recursive: true });
  }
}

/** @throws if the page does not answer on the CPU, cancel, and answer again, or if the console shows an error */
export async function checkPage() {
  const browser = await openBrowser({ hasWebgpu: false });
  try {
    await withBuiltPage(async (address) => {
      await check(browser, address);
      await checkInfill(browser, address);
      await checkChat(browser, address);
    });
  } finally {
    await browser.close();
  }
}

async function check(browser, address) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(30_000);
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  const foreign = [];
  page.on("request", (request) => {
    if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(address))
      foreign.push(request.url());
  });
  page.on("response", (response) => {
    if (response.status() >= 400) errors.push(`${response.status()} ${response.url()}`);
  });
  const startMs = performance.now();
  await page.goto(address);
  await page.waitForSelector('.notice[data-phase="ready"]');
  const readyMs = performance.now() - startMs;
  const notice = await page.textContent(".notice");
  if (!/CPU/.test(notice) || !/Not with WebGPU, as /.test(notice))
    throw new Error(`The page must say that it runs on the CPU, and why: found '${notice}'`);

  await page.getByRole("button", { name: "Text", exact: true }).click();
  await run(page, "Done");
  await expectText(page, story);
  const forwards = Number(await page.locator(".numbers dd").first().textContent());
  if (!(forwards > 1 && forwards < story.length))
    throw new Error(`A forward must commit several tokens: found ${forwards} forwards`);

  // Sixty-four forwards take long enough to be cancelled.
  await page.getByLabel("Decoder").selectOption("fixed");
  await page.getByLabel("steps", { exact: true }).fill("64");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await expectStatus(page, "Cancelled");
  await page.getByLabel("steps", { exact: true }).fill("0");
  if (!(await page.getByRole("button", { name: "Run", exact: true }).isDisabled()))
    throw new Error("The page must not run with a value that the decoder refuses");
  await page.getByLabel("steps", { exact: true }).fill("16");
  await run(page, "Done");
  await expectText(page, story);

  // What the engine would refuse is not offered: this decoder overwrites tokens, which these caches cannot follow.
  await page.getByLabel("Decoder").selectOption("edit");
  const caches = await page.getByLabel("Cache").locator("option").allTextContents();
  if (caches.includes("dual") || !caches.includes("none"))
    throw new Error(`Decoder 'edit' must have exact caches alone: found ${caches.join(", ")}`);

  await page.getByLabel("Decoder").selectOption("threshold");
  await page.getByRole("button", { name: "Fill the gaps" }).click();
  await run(page, "Done");
  const filled = await page.textContent(".text-view");
  if (!/^one day mia .+\. there mia saw a .+\. the fox was lost, so mia .+ home\.$/.test(filled))
    throw new Error(`The pinned text must stay: found '${filled}'`);

  const folder = page.getByLabel("Folder with a Hugging Face model");
  await folder.setInputFiles(fileURLToPath(new URL("../../demo/app", import.meta.url)));
  await page.getByRole("alert").filter({ hasText: "config.json" }).waitFor();
  await folder.setInputFiles(fileURLToPath(new URL("../../models/tiny", import.meta.url)));
  await page.waitForSelector('.notice[data-phase="ready"]');
  await page.getByRole("button", { name: "Reverse" }).click();
  await run(page, "Done");
  await expectText(page, "cloud stone river");

  if (foreign.length > 0)
    throw new Error(`The page must ask its own server alone: found ${foreign.join(", ")}`);
  if (errors.length > 0) throw new Error(`The console must show no error: found ${errors.join("\n")}`);
  console.log(`Page: ready in ${Math.round(readyMs)} ms on the CPU, ${forwards} forwards for the story`);
}

async function run(page, status) {
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expectStatus(page, status);
  // The playback shows the run more slowly than it was.
  await page.locator(".playback .pass", { hasText: /^pass (\d+)\/\1$/ }).waitFor();
}

async function expectStatus(page, status) {
  await page.locator(".status", { hasText: new RegExp(`^${status}$`) }).waitFor();
}

async function expectText(page, text) {
  const found = (await page.textContent(".text-view")).trim();
  if (found !== text) throw new Error(`The page must answer '${text}': found '${found}'`);
}
