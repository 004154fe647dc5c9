// Contestants in a page of Chromium that is cross-origin isolated.
import { existsSync, readdirSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { createServer } from "vite";
import { openBrowser } from "../../test/chromium/browser.mjs";

const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** @param work gets a function that opens a page with contestants on a file */
export async function withPages(work) {
  const root = fileURLToPath(new URL("page", import.meta.url));
  const fs = { allow: [fileURLToPath(new URL("../..", import.meta.url))] };
  const server = await createServer({
    root,
    configFile: false,
    logLevel: "error",
    cacheDir: fileURLToPath(new URL("node_modules/.vite", import.meta.url)),
    server: { headers: isolation, fs },
  });
  await server.listen(0);
  const browser = await openBrowser({ hasWebgpu: false });
  try {
    const [address] = server.resolvedUrls.local;
    await work((file, options) => openPage(browser, address, file, options));
  } finally {
    await browser.close();
    await server.close();
  }
}

async function openPage(browser, address, file, options) {
  const page = await browser.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") console.error(message.text());
  });
  await page.goto(address);
  await page.waitForFunction(() => globalThis.bench !== undefined);
  await page.setInputFiles("input", file);
  const side = async (name) => ({
    about: await page.evaluate(([who, how]) => globalThis.bench.open(who, how), [name, options]),
    step: async () => ({ ms: await page.evaluate((who) => globalThis.bench.step(who), name) }),
  });
  const sides = [await side("unmask"), await side("wllama")];
  await raisePriority(browser);
  return { sides, close: () => page.close() };
}

/** Gives the threads of pages the priority of this process: Chromium gives them the usual one. */
async function raisePriority(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  for (const { type, id } of processInfo) {
    const threads = `/proc/${id}/task`;
    if (type !== "renderer" || !existsSync(threads)) continue;
    for (const thread of readdirSync(threads)) setPriority(Number(thread), getPriority());
  }
}
