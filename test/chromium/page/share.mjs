// Links, trace files and animated pictures of the page in demo/.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expectReady } from "./steps.mjs";

const tiny = fileURLToPath(new URL("../../../models/tiny", import.meta.url));

/** @throws if what is shared is not what is opened again */
export async function checkSharing(_, { context, address }) {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  context.setDefaultTimeout(60_000);
  await checkLinks(context, address);
  await checkRefusals(context, address);
  const trace = await checkTrace(context, address);
  await checkPicture(context, address, trace);
}

async function checkLinks(context, address) {
  const page = await open(context, address);
  await page.getByLabel("Decoder").selectOption("threshold");
  await page.getByLabel("threshold", { exact: true }).fill("0.75");
  await page.getByRole("button", { name: "Fill the gaps" }).click();
  const link = await copiedLink(page);
  expectMatch("The link", link, /^[^#]+#v=1&prompt=story.*&infill=.*&decoder\.threshold=0\.75/);
  const opened = await open(context, link);
  expectMatch("The notice", await opened.textContent(".link-notice"), /Nothing runs until you click Run/);
  expectMatch("The prompt", await opened.getByLabel("Prompt").inputValue(), /^story: mia, red fox, farm$/);
  expectMatch("The decoder", await opened.getByLabel("Decoder").inputValue(), /^threshold$/);
  expectMatch("The threshold", await opened.getByLabel("threshold", { exact: true }).inputValue(), /^0\.75$/);
  expectMatch("The state", await opened.locator(".run").getAttribute("data-status"), /^idle$/);
  await run(opened);
  expectMatch("The answer", await shownText(opened), /^one day mia went.+\. there mia saw.+ home\.$/);
  // A page that is open takes a new link from its address.
  await opened.evaluate(() => {
    location.hash = "v=1&prompt=sort+3+1+2&genLength=32";
  });
  await opened.waitForFunction(() => document.querySelector("#prompt").value === "sort 3 1 2");

  await opened.close();

  // A folder of this device is no part of a link, which the page says.
  await page.getByLabel("Folder with a Hugging Face model").setInputFiles(tiny);
  await expectReady(page, ": tiny.");
  if ((await copiedLink(page)).includes("model="))
    throw new Error("A link must not name a folder of this device");
  expectMatch("The note", await page.textContent(".share"), /a folder of this device cannot be shared/);
  await page.close();
}

async function checkRefusals(context, address) {
  const page = await open(
    context,
    `${address}#v=1&prompt=sort+3+1+2&decoder=magic&genLength=32&model=/embedded/`,
  );
  expectMatch(
    "The notice",
    await page.textContent(".link-notice"),
    /‘decoder’ must be one of .*found "magic"/,
  );
  expectMatch("The prompt", await page.getByLabel("Prompt").inputValue(), /^sort 3 1 2$/);
  expectMatch("The model", await page.textContent(".notice"), /the embedded model/);
  await page.getByRole("button", { name: "Load this model" }).click();
  await page.locator(".notice", { hasText: "/embedded/" }).waitFor();
  await ready(page);
  await page.getByRole("button", { name: "Dismiss" }).click();
  expectMatch("The length", await page.getByLabel("genLength").inputValue(), /^32$/);
  expectMatch("The link", await copiedLink(page), /model=%2Fembedded%2F/);
  await page.close();
  const other = await open(context, `${address}#v=2&prompt=sort`);
  expectMatch(
    "The notice",
    await other.textContent(".link-notice"),
    /version of the link must be 1: found "2"/,
  );
  await other.close();
}

/** @returns the path of a saved trace */
async function checkTrace(context, address) {
  const page = await open(context, address);
  await page.getByRole("button", { name: "Reverse" }).click();
  await run(page);
  const download = await downloadOf(page, "Save trace");
  const path = await download.path();
  expectMatch("The file", download.suggestedFilename(), /^unmask-reverse-river-stone-cloud\.jsonl$/);
  const text = readFileSync(path, "utf8");
  const file = { name: "reverse.jsonl", mimeType: "application/jsonl", buffer: Buffer.from(text) };

  const opened = await open(context, address);
  await opened.getByLabel("Trace file").setInputFiles(file);
  await opened.locator(".status", { hasText: "reverse.jsonl" }).waitFor();
  await played(opened);
  expectMatch("The answer", await shownText(opened), /^cloud stone river$/);
  const again = readFileSync(await (await downloadOf(opened, "Save trace")).path(), "utf8");
  if (again !== text) throw new Error("A trace that is opened and saved must stay the same");
  await opened.getByLabel("Trace file").setInputFiles({ ...file, buffer: Buffer.from(`${text}nonsense`) });
  await opened
    .getByRole("alert")
    .filter({ hasText: /Cannot read 'reverse.jsonl' as line \d+ is not JSON/ })
    .waitFor();
  expectMatch("The answer", await shownText(opened), /^cloud stone river$/);
  await page.close();
  await opened.close();
  writeFileSync(path, text);
  return path;
}

async function checkPicture(context, address, trace) {
  const page = await open(context, address);
  const buffer = readFileSync(trace);
  await page
    .getByLabel("Trace file")
    .setInputFiles({ name: "reverse.jsonl", mimeType: "application/jsonl", buffer });
  await page.getByRole("button", { name: "Animated picture" }).click();
  const make = page.getByRole("button", { name: "Make GIF" });
  await make.click();
  await page.locator(".picture").getByRole("button", { name: "Cancel" }).click();
  if (await page.getByRole("button", { name: "Save GIF" }).isVisible())
    throw new Error("A picture that is cancelled must not be there");
  await make.click();
  await page.getByRole("button", { name: "Save GIF" }).waitFor();
  const gif = readFileSync(await (await downloadOf(page, "Save GIF")).path());
  const picture = await page.evaluate(decodeGif, gif.toString("base64"));
  if (picture.repeats !== null || picture.frameCount < 10)
    throw new Error(`A picture must have frames and repeat: found ${JSON.stringify(picture)}`);
  // The masks turn into text, and the answer is shown for a while.
  if (picture.first === picture.last) throw new Error("The last frame must differ from the first one");
  if (!(picture.lastMs >= 2000))
    throw new Error(`The answer must stay to be read: found ${picture.lastMs} ms`);
  await page.close();
}

/** In the page: what the browser's own decoder finds in a GIF. Infinity is null in JSON. */
async function decodeGif(base64) {
  const data = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const decoder = new ImageDecoder({ data, type: "image/gif" });
  await Promise.all([decoder.tracks.ready, decoder.completed]);
  const { frameCount, repetitionCount } = decoder.tracks.selectedTrack;
  const textOf = async (frameIndex) => {
    const { image } = await decoder.decode({ frameIndex });
    const canvas = new OffscreenCanvas(image.displayWidth, image.displayHeight);
    const drawing = canvas.getContext("2d");
    drawing.drawImage(image, 0, 0);
    const { data: pixels } = drawing.getImageData(0, 0, canvas.width, canvas.height);
    const digest = await crypto.subtle.digest("SHA-256", pixels);
    return { digest: [...new Uint8Array(digest)].join(" "), ms: image.duration / 1000 };
  };
  const first = await textOf(0);
  const last = await textOf(frameCount - 1);
  return {
    frameCount,
    repeats: Number.isFinite(repetitionCount) ? repetitionCount : null,
    first: first.digest,
    last: last.digest,
    lastMs: last.ms,
  };
}

async function open(context, address) {
  const page = await context.newPage();
  await page.goto(address);
  await ready(page);
  return page;
}

function ready(page) {
  return page.waitForSelector('.notice[data-phase="ready"]');
}

async function run(page) {
  await page.getByLabel("Speed").selectOption("8");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.locator(".status", { hasText: "Done" }).waitFor();
  await played(page);
}

/** Until the playback shows the last pass. */
function played(page) {
  return page.locator(".playback .pass", { hasText: /^pass (\d+)\/\1$/ }).waitFor();
}

async function shownText(page) {
  await page.getByRole("button", { name: "Text", exact: true }).click();
  return (await page.textContent(".text-view")).trim();
}

async function copiedLink(page) {
  // Only a page in front may use the clipboard.
  await page.bringToFront();
  await page.evaluate(() => navigator.clipboard.writeText(""));
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.waitForFunction(async () => (await navigator.clipboard.readText()) !== "");
  return page.evaluate(() => navigator.clipboard.readText());
}

async function downloadOf(page, button) {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: button }).click(),
  ]);
  return download;
}

function expectMatch(what, text, pattern) {
  if (!pattern.test(text)) throw new Error(`${what} must match ${pattern}: found '${text}'`);
}
