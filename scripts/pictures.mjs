// Makes the pictures of docs/images from the page in demo/, as its visitors get it: stills of the page, and an animated picture of a
// run. Names as arguments make these alone: `node scripts/pictures.mjs story.gif`.
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openBrowser } from "../test/chromium/browser.mjs";
import { withBuiltPage } from "../test/chromium/page.mjs";

const folder = fileURLToPath(new URL("../docs/images", import.meta.url));
const maxStillBytes = 200_000;
const maxAnimatedBytes = 1_500_000;

const wide = { viewport: { width: 1280, height: 900 } };
const narrow = { viewport: { width: 390, height: 844 } };

/**
 * By file: how the browser shows the page, and what is done with it before the picture is taken. A still is of the window; where the
 * actions return a download, the file is that.
 */
const pictures = {
  "start.png": { ...wide },
  "midway.png": { ...wide, act: midway },
  "history.png": { ...wide, act: history },
  "dark.png": { ...wide, colorScheme: "dark", act: midway },
  "narrow.png": { ...narrow, deviceScaleFactor: 2, act: narrowRun },
  "story.gif": { ...wide, act: (page) => animation(page, "Light") },
  "story-dark.gif": { ...wide, colorScheme: "dark", act: (page) => animation(page, "Dark") },
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(pictures);
for (const name of names) {
  if (!Object.hasOwn(pictures, name)) {
    console.error(`Cannot make '${name}' as it must be one of ${Object.keys(pictures).join(", ")}`);
    process.exit(2);
  }
}
mkdirSync(folder, { recursive: true });
const browser = await openBrowser({ hasWebgpu: false });
try {
  await withBuiltPage(async (address) => {
    for (const name of names) await take(address, name);
  });
} finally {
  await browser.close();
}

async function take(address, name) {
  const { act = async () => {}, ...options } = pictures[name];
  const page = await browser.newPage(options);
  await page.goto(address);
  await page.waitForSelector('.notice[data-phase="ready"]');
  await page.addStyleTag({ content: "::-webkit-scrollbar { display: none }" });
  const path = join(folder, name);
  const download = await act(page);
  if (download) await download.saveAs(path);
  else await page.screenshot({ path });
  await page.close();
  const { size } = statSync(path);
  const limit = name.endsWith(".gif") ? maxAnimatedBytes : maxStillBytes;
  console.log(`${name}: ${(size / 1000).toFixed(0)} kB`);
  if (size > limit) throw new Error(`'${name}' must be at most ${limit} bytes: found ${size}`);
}

/** Runs the story, and resolves when the playback has come to its end. */
async function run(page) {
  await page.getByLabel("Speed").selectOption("8");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.locator(".playback .pass", { hasText: /^pass (\d+)\/\1$/ }).waitFor();
  await page.locator(".status", { hasText: "Done" }).waitFor();
}

/** The pass that has decided about half of the answer, with the guesses under its masks. */
async function midway(page) {
  await run(page);
  await page.getByLabel("Pass", { exact: true }).fill("7");
  await rest(page);
}

async function history(page) {
  await run(page);
  const canvas = page.locator(".cells canvas");
  await canvas.focus();
  for (let count = 0; count < 14; count++) await canvas.press("ArrowRight");
  await rest(page);
}

async function narrowRun(page) {
  await midway(page);
  await page.locator(".numbers").evaluate((numbers) => scrollTo(0, numbers.offsetTop - 12));
}

/** Until commits have come to rest. */
function rest(page) {
  return page.waitForTimeout(1200);
}

async function animation(page, scheme) {
  await run(page);
  await page.getByLabel("Speed").selectOption("0.5");
  await page.getByRole("button", { name: "Animated picture" }).click();
  await page.locator(".picture").getByRole("button", { name: scheme }).click();
  await page.getByRole("button", { name: "Make GIF" }).click();
  const save = page.getByRole("button", { name: "Save GIF" });
  await save.waitFor({ timeout: 180_000 });
  const [download] = await Promise.all([page.waitForEvent("download"), save.click()]);
  return download;
}
