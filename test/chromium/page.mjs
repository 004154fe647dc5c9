// The page in demo/ as its visitors get it: built, served as static files, opened in a browser with and without WebGPU.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, preview } from "vite";
import { openBrowser } from "./browser.mjs";
import { checkChat } from "./page/chat.mjs";
import { checkCompare } from "./page/compare.mjs";
import { checkControls } from "./page/controls.mjs";
import { checkDeviceLoss } from "./page/deviceLoss.mjs";
import { checkInfill } from "./page/infill.mjs";
import { checkManners } from "./page/manners.mjs";
import { checkModels } from "./page/models.mjs";
import { checkOffline } from "./page/offline.mjs";
import { checkRuns } from "./page/runs.mjs";
import { checkSharing } from "./page/share.mjs";
import { run as runPrompt } from "./page/steps.mjs";
import { checkNoSurface, checkSurface, watchDevices } from "./page/surface.mjs";

/** Browsers that a page is opened in. */
const browsers = { cpu: { hasWebgpu: false }, webgpu: { presents: true } };

/**
 * `check` begins with a page that is ready, in a profile of its own; `prepare` changes the page before it is opened. `checkOwn` opens its
 * pages itself.
 */
const checks = [
  { name: "runs", browser: "cpu", check: checkRuns },
  { name: "controls", browser: "cpu", check: checkControls },
  { name: "manners", browser: "cpu", check: checkManners },
  { name: "comparison", browser: "cpu", check: checkCompare },
  { name: "sharing", browser: "cpu", check: checkSharing },
  { name: "no surface", browser: "cpu", check: checkNoSurface },
  { name: "models", browser: "cpu", checkOwn: checkModels },
  { name: "offline", browser: "cpu", checkOwn: checkOffline },
  { name: "lost device", browser: "webgpu", check: checkDeviceLoss },
  { name: "surface", browser: "webgpu", prepare: watchDevices, check: checkSurface },
  { name: "infilling by hand", browser: "cpu", check: checkInfill },
  { name: "chat", browser: "cpu", check: checkChat },
];

/** Of the page with the model that it comes with, whichever that is. */
const embeddedChecks = [{ name: "first load", browser: "cpu", check: (page) => runPrompt(page, "Done") }];

const pageConfig = fileURLToPath(new URL("../../vite.config.ts", import.meta.url));
/** With models/tiny as the embedded model: what it answers is known. */
const tinyPageConfig = fileURLToPath(new URL("tinyPage.config.ts", import.meta.url));

/** Builds the page, and serves it until `use` has resolved. @param use takes the address, and the folder of the files */
export async function withBuiltPage(use, configFile = pageConfig) {
  const outDir = mkdtempSync(join(tmpdir(), "unmask-demo-"));
  const options = { configFile, logLevel: "warn", build: { outDir, emptyOutDir: true } };
  // A development server of the same process leaves "development" here: visitors get another page.
  process.env.NODE_ENV = "production";
  await build(options);
  const server = await preview({ ...options, preview: { host: "localhost" } });
  try {
    return await use(server.resolvedUrls.local[0], outDir);
  } finally {
    await server.close();
    rmSync(outDir, { recursive: true });
  }
}

/** @returns how many checks passed and failed */
export async function checkPage() {
  const counts = { passed: 0, failed: 0 };
  const run = async (checks, address, folder) => {
    for (const [kind, options] of Object.entries(browsers)) {
      const own = checks.filter((each) => each.browser === kind);
      if (own.length === 0) continue;
      const browser = await openBrowser(options);
      for (const { name, ...each } of own) {
        const startMs = performance.now();
        try {
          if (each.checkOwn) await each.checkOwn({ browser, address, folder });
          else await withPage(browser, address, each);
          counts.passed++;
          console.log(`Page, ${name}: ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
        } catch (error) {
          counts.failed++;
          console.error(`Page, ${name}:`, error);
        }
      }
      await browser.close();
    }
  };
  await withBuiltPage((...built) => run(embeddedChecks, ...built));
  await withBuiltPage((...built) => run(checks, ...built), tinyPageConfig);
  return counts;
}

/**
 * Opens the page, and gives it to a check once a model is loaded.
 * @throws if the check does, if the console shows an error, or if the page asks a server other than its own
 */
async function withPage(browser, address, { prepare, check }) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await prepare?.(page);
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
