// A page that was opened once opens and runs without any server, with a model that it keeps; a new build takes its place.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { openHub } from "./hub.mjs";
import { StaticHost } from "./staticHost.mjs";
import { expectAnswer, expectReady, openByAddress, openPage } from "./steps.mjs";

const newTitle = "A new build";

/** @throws if the page needs a server, or stays at an old build */
export async function checkOffline({ browser, folder: built }) {
  const folder = mkdtempSync(join(tmpdir(), "unmask-host-"));
  cpSync(built, folder, { recursive: true });
  const host = new StaticHost(folder, "/some/path/");
  await host.start();
  const hub = await openHub();
  const { context, page } = await openPage(browser, `${host.address}?hub=${hub.origin}`);
  try {
    await openByAddress(page, "org/tiny");
    await expectReady(page, "org/tiny");
    await page.locator(".kept", { hasText: "work without a network" }).waitFor();
    hub.close();
    await host.stop();

    await page.reload();
    await expectReady(page, "the embedded model");
    await expectAnswer(page, "Reverse", "cloud stone river");
    await page.locator(".kept li").getByRole("button", { name: "Load" }).click();
    await expectReady(page, "org/tiny");
    await expectAnswer(page, "Sort", /\d/);

    await host.start();
    await checkUpdate(page, host);
  } finally {
    await context.close();
    hub.close();
    await host.stop();
    rmSync(folder, { recursive: true });
  }
}

/** The next visit shows the new build, and leaves nothing of the old one. */
async function checkUpdate(page, host) {
  change(join(host.folder, "index.html"), /<title>.*<\/title>/, `<title>${newTitle}</title>`);
  change(join(host.folder, "sw.js"), /"version":"[0-9a-f]+"/, '"version":"2"');
  await page.reload();
  if ((await page.title()) !== newTitle)
    throw new Error(`A visit must show the new build: found '${await page.title()}'`);
  await expectReady(page, "the embedded model");
  const names = () => page.evaluate(() => caches.keys());
  while (!(await names()).every((name) => name.endsWith(" 2"))) await setTimeout(50);
  await host.stop();
  await page.reload();
  if ((await page.title()) !== newTitle)
    throw new Error(`The new build must open without a server: found '${await page.title()}'`);
  await host.start();
}

function change(path, pattern, text) {
  const before = readFileSync(path, "utf8");
  const after = before.replace(pattern, text);
  if (after === before) throw new Error(`Cannot change '${path}' as it must have ${pattern}`);
  writeFileSync(path, after);
}
