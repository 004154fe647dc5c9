// Loads a model in a tab of Chromium, from files that are chosen there as a person would choose them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openBrowser } from "../../../test/chromium/browser.mjs";
import { sourceServer } from "../../../test/chromium/sourceServer.mjs";

/** @returns what `loadAndRun` returns, and the peak of the tab's process in bytes */
export async function runInChromium(folder, files, options) {
  const server = await sourceServer();
  const browser = await openBrowser({ hasWebgpu: false });
  try {
    await server.listen();
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    const crashed = new Promise((_, reject) => {
      page.on("crash", () => reject(new Error("The tab crashed")));
    });
    await page.goto(`${server.resolvedUrls.local[0]}bench/support/loading/page.html`);
    await page.waitForFunction(() => "loadChosen" in globalThis);
    await page.setInputFiles(
      "input",
      files.map((name) => join(folder, name)),
    );
    const result = await Promise.race([
      page.evaluate((given) => globalThis.loadChosen(given), options),
      crashed,
    ]);
    const session = await browser.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const tabs = processInfo.filter(({ type }) => type === "renderer");
    return { ...result, peakBytes: Math.max(...tabs.map(({ id }) => peakBytes(id))) };
  } finally {
    await browser.close();
    await server.close();
  }
}

/** The kernel's record of the largest resident set of a process, so that no peak is missed. */
export function peakBytes(processId) {
  const status = readFileSync(`/proc/${processId}/status`, "utf8");
  return 1024 * Number(/VmHWM:\s*(\d+) kB/.exec(status)[1]);
}
