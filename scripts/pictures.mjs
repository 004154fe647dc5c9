// Makes the pictures of docs/images from the page in demo/, as its visitors get it: stills of the page, and an animated picture of a
// run. Names as arguments make these alone: `node scripts/pictures.mjs story.gif`.
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openBrowser } from "../test/chromium/browser.mjs";
import { withBuiltPage } from "../test/chromium/page.mjs";

const folder = fileURLToPath(new URL("../docs/images", import.meta.url));
const maxStillBytes = 250_000;
const maxAnimatedBytes = 1_500_000;

const wide = { viewport: { width: 1280, height: 900 } };
const narrow = { viewport: { width: 390, height: 844 } };

/**
 * By file: how the browser shows the page, and what is done with it before the picture is taken. A still is of the window, or `of` an
 * element; where the actions return a download, the file is that.
 */
const pictures = {
  "start.png": { ...wide },
  "midway.png": { ...wide, act: midway },
  "history.png": { ...wide, act: history },
  "comparison.png": { ...wide, act: comparison },
  "surface.png": { ...wide, colorScheme: "dark", needsWebgpu: true, of: ".canvas-card", act: surface },
  "editing.png": { ...wide, act: editing },
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
await withBuiltPage(async (address) => {
  for (const needsWebgpu of [false, true]) {
    const own = names.filter((name) => (pictures[name].needsWebgpu ?? false) === needsWebgpu);
    if (own.length === 0) continue;
    const browser = await openBrowser(needsWebgpu ? { presents: true } : { hasWebgpu: false });
    try {
      for (const name of own) await take(browser, address, name);
    } finally {
      await browser.close();
    }
  }
});

async function take(browser, address, name) {
  const { act = async () => {}, of, needsWebgpu: _, ...options } = pictures[name];
  const page = await browser.newPage(options);
  await page.goto(address);
  await page.waitForSelector('.notice[data-phase="ready"]');
  await page.addStyleTag({ content: "::-webkit-scrollbar { display: none }" });
  const path = join(folder, name);
  const download = await act(page);
  if (download) await download.saveAs(path);
  else await (of ? page.locator(of) : page).screenshot({ path });
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
  const canvas = page.locator(".cells canvas.over");
  await canvas.focus();
  for (let count = 0; count < 14; count++) await canvas.press("ArrowRight");
  await rest(page);
}

/** From coarse to fine beside a fixed number of positions per pass. */
async function comparison(page) {
  await page.getByLabel("Compare").check();
  await page.getByLabel("Speed").selectOption("8");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.waitForFunction(() => {
    const texts = [...document.querySelectorAll(".lane-view .status")].map(({ textContent }) => textContent);
    return texts.length === 2 && texts.every((text) => text === "Done");
  });
  await page.getByLabel("Pass", { exact: true }).fill("6");
  await rest(page);
}

async function surface(page) {
  await run(page);
  await page.getByRole("button", { name: "Surface", exact: true }).click();
  await page.locator(".surface-labels .title", { hasText: "confidence" }).waitFor();
  await page.getByLabel("Pass", { exact: true }).fill("9");
  await rest(page);
}

/** Some cells of the answer are masked, and wait to be generated again. */
async function editing(page) {
  await run(page);
  const canvas = page.locator(".cells canvas.over");
  await canvas.focus();
  for (let count = 0; count < 45; count++) await canvas.press("ArrowRight");
  for (let count = 0; count < 8; count++) await canvas.press("Shift+ArrowRight");
  await canvas.press("Delete");
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
