// Measures the page in demo/ in Chromium without WebGPU: bytes of the first load, time until a model is ready, long tasks of the
// main thread while the worker generates, and the drawing of a run of 1,024 cells.
// Run: node bench/page.mjs [--profile FILE]
import { writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { createServer } from "vite";
import { openBrowser } from "../test/chromium/browser.mjs";
import { withBuiltPage } from "../test/chromium/page.mjs";

const loads = 7;
const rounds = 5;
const prompts = ["Story", "JSON", "Python", "Sort"];
const profileAt = process.argv.indexOf("--profile");

const browser = await openBrowser({ hasWebgpu: false });
await withBuiltPage(async (address) => {
  await measureLoads(address);
  await measureRuns(address);
});
await measureDrawing();
await browser.close();

/** Pages with caches of their own. */
async function measureLoads(address) {
  const readyMs = [];
  for (let load = 0; load < loads; load++) {
    // The files that a service worker keeps for later are no part of the first load.
    const context = await browser.newContext({ serviceWorkers: "block" });
    const page = await context.newPage();
    const files = new Map();
    page.on("response", (response) => {
      const name = new URL(response.url()).pathname;
      if (load === 0 && !name.includes("/embedded/")) files.set(name, response.body());
    });
    await page.goto(address);
    await page.waitForSelector('.notice[data-phase="ready"]');
    readyMs.push(await page.evaluate(() => performance.now()));
    if (load === 0) {
      // What the page loads once a model is ready belongs to it.
      await page.waitForLoadState("networkidle");
      const bodies = await Promise.all(files.values());
      const bytes = bodies.reduce((sum, body) => sum + gzipSync(body).length, 0);
      console.log(
        `First load without the model: ${(bytes / 1000).toFixed(1)} kB gzip in ${files.size} files`,
      );
    }
    await context.close();
  }
  show("ready, ms", readyMs);
}

/** Runs each of the examples and plays it to its end. */
async function measureRuns(address) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.addInitScript(() => {
    globalThis.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.longTasks.push(duration);
    }).observe({ type: "longtask" });
  });
  await page.goto(address);
  await page.waitForSelector('.notice[data-phase="ready"]');
  await page.waitForTimeout(500);
  await checkObserver(page);
  for (const prompt of prompts) {
    await page.evaluate(() => {
      globalThis.longTasks.length = 0;
    });
    await page.getByRole("button", { name: prompt, exact: true }).click();
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.locator(".status", { hasText: /^Done$/ }).waitFor();
    await page.locator(".playback .pass", { hasText: /^pass (\d+)\/\1$/ }).waitFor();
    const tasks = await page.evaluate(() => globalThis.longTasks);
    const longest = Math.max(0, ...tasks).toFixed(0);
    console.log(`${prompt}: ${tasks.length} tasks of the main thread over 50 ms, the longest ${longest} ms`);
  }
  await page.close();
}

/** @throws if the browser does not report a task that is long for sure */
async function checkObserver(page) {
  await page.evaluate(() => {
    setTimeout(() => {
      const startMs = performance.now();
      while (performance.now() - startMs < 80);
    });
  });
  await page.waitForFunction(() => globalThis.longTasks.some((ms) => ms >= 80));
}

async function measureDrawing() {
  const server = await createServer({
    configFile: false,
    root: fileURLToPath(new URL("..", import.meta.url)),
    appType: "mpa",
    logLevel: "warn",
    server: { host: "localhost", hmr: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  await server.listen();
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(`${server.resolvedUrls.local[0]}bench/support/drawing/index.html`);
  await page.waitForFunction(() => "drawRun" in globalThis);
  const session = await page.context().newCDPSession(page);
  const drawn = [];
  // The first round compiles.
  await page.evaluate(() => globalThis.drawRun());
  await session.send("Profiler.enable");
  if (profileAt > 0) await session.send("Profiler.start");
  for (let round = 0; round < rounds; round++) {
    drawn.push(await page.evaluate(() => globalThis.drawRun()));
  }
  if (profileAt > 0) {
    const { profile } = await session.send("Profiler.stop");
    writeFileSync(process.argv[profileAt + 1], JSON.stringify(profile));
  }
  for (const [name, key] of [
    ["a step", "stepMs"],
    ["a picture while commits come to rest", "restMs"],
  ]) {
    const samples = drawn.map((times) => times[key]);
    show(`1,024 cells: ${name}, ms`, samples.flat());
    // Rounds draw the same, so what is above the fastest is other work on the machine.
    const fastest = samples[0].map((_, step) => Math.min(...samples.map((times) => times[step])));
    show(`1,024 cells: ${name}, the fastest of ${rounds} rounds, ms`, fastest);
  }
  await server.close();
}

function show(name, samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(2);
  console.log(`${name}: median ${at(0.5)}, p95 ${at(0.95)}, maximum ${at(1)} of ${sorted.length}`);
}
