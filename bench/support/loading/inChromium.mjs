// Loads a model in a tab of Chromium, from files that are chosen there as a person would choose them.
import { join } from "node:path";
import { openBrowser } from "../../../test/chromium/browser.mjs";
import { sourceServer } from "../../../test/chromium/sourceServer.mjs";
import { peakBytes } from "./peakBytes.mjs";

/** @returns what `loadAndRun` returns, seconds of reading in a tab, and the peak of the loading tab's process in bytes */
export async function runInChromium(folder, files, options) {
  const server = await sourceServer();
  const browser = await openBrowser({ hasWebgpu: false });
  try {
    await server.listen();
    const address = `${server.resolvedUrls.local[0]}bench/support/loading/page.html`;
    const paths = files.map((name) => join(folder, name));
    const reading = await openTab(browser, address, paths);
    const readSeconds = await reading.call("readChosen");
    await reading.page.close();
    const loading = await openTab(browser, address, paths);
    const result = await loading.call("loadChosen", options);
    const session = await browser.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const tabs = processInfo.filter(({ type }) => type === "renderer");
    return { ...result, readSeconds, peakBytes: Math.max(...tabs.map(({ id }) => peakBytes(id))) };
  } finally {
    await browser.close();
    await server.close();
  }
}

/** A tab of the page with its files chosen, and calls of its functions that fail if it crashes. */
async function openTab(browser, address, paths) {
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  const crashed = new Promise((_, reject) => {
    page.on("crash", () => reject(new Error("The tab crashed")));
  });
  await page.goto(address);
  await page.waitForFunction(() => "loadChosen" in globalThis);
  await page.setInputFiles("input", paths);
  const call = (name, given) =>
    Promise.race([page.evaluate(([name, given]) => globalThis[name](given), [name, given]), crashed]);
  return { page, call };
}
