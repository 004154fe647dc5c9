// Runs the suites in Chromium, from the sources as Vite serves them, a download that is cut off, the example page, and the page in demo/. Ends with `N passed, N failed`.
import { openBrowser } from "./browser.mjs";
import { checkDownload } from "./download.mjs";
import { checkExample } from "./example.mjs";
import { checkServedPage } from "./page/server.mjs";
import { checkPage } from "./page.mjs";
import { sourceServer } from "./sourceServer.mjs";

/** Cases have limits of their own; this one is for a page that hangs. */
const limitMinutes = process.env["UNMASK_TRACES"] === "all" ? 240 : 20;

const server = await sourceServer();
const browser = await openBrowser();
let passed = 0;
let failed = 0;
await count(async () => {
  await server.listen();
  return runPage(`${server.resolvedUrls.local[0]}test/chromium/`);
});
await count(async () => {
  await checkDownload(browser, `${server.resolvedUrls.local[0]}test/chromium/`);
  return { passed: 1, failed: 0 };
});
await server.close();
await count(async () => {
  await checkExample(browser);
  return { passed: 1, failed: 0 };
});
await browser.close();
await count(checkPage);
await count(async () => {
  await checkServedPage();
  return { passed: 1, failed: 0 };
});
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

/** Adds what a part has passed and failed; one that throws has failed. */
async function count(run) {
  try {
    const counts = await run();
    passed += counts.passed;
    failed += counts.failed;
  } catch (error) {
    failed++;
    console.error(error);
  }
}

async function runPage(address) {
  const page = await browser.newPage();
  await page.exposeFunction("tell", (line) => console.log(line));
  const ended = new Promise((_, reject) => {
    page.on("pageerror", reject);
    page.on("crash", () => reject(new Error("The page crashed")));
    page.on("response", (response) => {
      const isScript = response.request().resourceType() === "script";
      if (isScript && response.status() >= 400)
        reject(new Error(`Cannot load ${response.url()}: ${response.status()}`));
    });
    setTimeout(
      () => reject(new Error(`The page took longer than ${limitMinutes} minutes`)),
      60_000 * limitMinutes,
    ).unref();
  });
  page.on("console", (message) => {
    if (message.type() === "warning") console.log(message.text());
  });
  const results = (async () => {
    await page.goto(`${address}?traces=${process.env["UNMASK_TRACES"] ?? "some"}`);
    await page.waitForFunction(() => "runs" in globalThis);
    return page.evaluate(() => globalThis.runs);
  })();
  return Promise.race([results, ended]);
}
