// Contestants in a page of Chromium that is cross-origin isolated.
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
    cacheDir: fileURLToPath(new URL("../node_modules/.vite", import.meta.url)),
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
    call: (method) => page.evaluate(([who, what]) => globalThis.bench.call(who, what), [name, method]),
  });
  return { sides: [await side("unmask"), await side("wllama")], close: () => page.close() };
}
