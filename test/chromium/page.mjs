// The page in demo/ as its visitors get it: built, served as static files, opened in a browser with and without WebGPU.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, preview } from "vite";
import { openBrowser } from "./browser.mjs";
import { checkChat } from "./page/chat.mjs";
import { checkCompare } from "./page/compare.mjs";
import { checkInfill } from "./page/infill.mjs";
import { checkManners } from "./page/manners.mjs";
import { checkRuns } from "./page/runs.mjs";
import { checkSharing } from "./page/share.mjs";

/** Each begins with a page of its own that is ready, in a profile of its own. */
const checks = [
  { name: "runs", hasWebgpu: false, check: checkRuns },
  { name: "manners", hasWebgpu: false, check: checkManners },
  { name: "comparison", hasWebgpu: false, check: checkCompare },
  { name: "sharing", hasWebgpu: false, check: checkSharing },
  { name: "infilling by hand", hasWebgpu: false, check: checkInfill },
  { name: "chat", hasWebgpu: false, check: checkChat },
];

const configFile = fileURLToPath(new URL("../../vite.config.ts", import.meta.url));
const root = fileURLToPath(new URL("../../demo", import.meta.url));

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

/** @returns how many checks passed and failed */
export async function checkPage() {
  const counts = { passed: 0, failed: 0 };
  await withBuiltPage(async (address) => {
    for (const hasWebgpu of [false, true]) {
      const own = checks.filter((each) => each.hasWebgpu === hasWebgpu);
      if (own.length === 0) continue;
      const browser = await openBrowser({ hasWebgpu });
      for (const { name, check } of own) {
        try {
          await withPage(browser, address, check);
          counts.passed++;
        } catch (error) {
          counts.failed++;
          console.error(`Page, ${name}:`, error);
        }
      }
      await browser.close();
    }
  });
  return counts;
}

/**
 * Opens the page, and gives it to `check` once a model is loaded.
 * @throws if the check does, if the console shows an error, or if the page asks a server other than its own
 */
export async function withPage(browser, address, check) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("response", (response) => {
    if (response.status() >= 400) errors.push(`${response.status()} ${response.url()}`);
  });
  const foreign = [];
  page.on("request", (request) => {
    if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(address))
      foreign.push(request.url());
  });
  try {
    await page.goto(address);
    await page.waitForSelector('.notice[data-phase="ready"]');
    await check(page, { address, context });
    if (foreign.length > 0)
      throw new Error(`The page must ask its own server alone: found ${foreign.join(", ")}`);
    if (errors.length > 0) throw new Error(`The console must show no error: found ${errors.join("\n")}`);
  } finally {
    await context.close();
  }
}
