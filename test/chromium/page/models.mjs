// Models on the page: whether one fits is said before its download, which can be cancelled and goes on; kept models and their
// deletion; files that are dropped.
import { readdirSync, readFileSync } from "node:fs";
import { openHub } from "./hub.mjs";
import { expectAnswer, expectReady, openByAddress, openPage } from "./steps.mjs";

const tiny = new URL("../../../models/tiny/", import.meta.url);
/** Where the first download stops: beyond it, what is kept is less than the pieces in which files are written. */
const firstBytes = 2_000_000;
const pieceBytes = 2 ** 18;

/** @throws if one of them is not as it should be */
export async function checkModels({ browser, address }) {
  const hub = await openHub();
  const { context, page, errors } = await openPage(browser, `${address}?hub=${hub.origin}`);
  try {
    await checkOffer(page, hub);
    await checkResume(page, hub);
    await checkKept(page);
    await checkDrop(page);
    if (errors.length > 0) throw new Error(`The console must show no error: found ${errors.join("\n")}`);
  } finally {
    await context.close();
    hub.close();
  }
}

/** A model that is too large as it is stored is offered quantized, and nothing but its header is read. */
async function checkOffer(page, hub) {
  await openByAddress(page, "org/large");
  const sizes = page.locator(".sizes");
  await sizes.locator(".verdict.fits").waitFor();
  const weights = sizes.getByLabel("Weights");
  if ((await weights.inputValue()) !== "q8_0")
    throw new Error(`The large model must be offered as q8_0: found ${await weights.inputValue()}`);
  await expectText(sizes, /Parameters2\.8 billion/);
  await expectText(sizes, /Download5\.5\d GB/);
  await weights.selectOption("none");
  await expectText(sizes.locator(".verdict.risky"), /more than half of this computer's 8 GB/);
  await page.getByRole("button", { name: "Use sizes that fit" }).click();
  await sizes.locator(".verdict.fits").waitFor();
  await page.getByRole("button", { name: "Not now" }).click();
  await sizes.waitFor({ state: "detached" });
  await expectText(page.locator(".kept"), /No models yet/);
  const read = hub.ranges.map(({ range }) => Number(/-(\d+)$/.exec(range)[1]));
  if (Math.max(...read) > 100_000)
    throw new Error(`Only the header may be read before a download: found ${JSON.stringify(hub.ranges)}`);
}

/** A small model is loaded without a click. Its download is cancelled, and goes on where it was. */
async function checkResume(page, hub) {
  hub.pause.at = firstBytes;
  await openByAddress(page, "org/tiny");
  const notice = page.locator(".notice");
  await expectText(notice, /Downloading: (1\.[789]|2\.0) MB of 3\.7 MB/);
  await notice.getByRole("button", { name: "Cancel" }).click();
  await expectText(notice, /is not loaded\. [\d.]+ MB of 3\.7 MB are kept\./);
  await expectText(page.locator(".kept li"), /org\/tiny.* MB of 3\.8 MB/);
  hub.pause.at = Number.POSITIVE_INFINITY;
  hub.ranges.length = 0;
  await notice.getByRole("button", { name: "Continue" }).click();
  await expectReady(page, "org/tiny");
  const starts = hub.ranges.map(({ range }) => Number(/^bytes=(\d+)-/.exec(range)[1]));
  if (Math.max(...starts) < firstBytes - pieceBytes)
    throw new Error(`The download must go on at ${firstBytes}: found ${JSON.stringify(hub.ranges)}`);
  await expectAnswer(page, "Reverse", "cloud stone river");
}

/** The kept model is listed and in use; once another one is loaded it can be deleted. */
async function checkKept(page) {
  const row = page.locator(".kept li");
  await expectText(row, /org\/tiny.*in use/);
  await page.getByRole("button", { name: "Load the embedded model" }).click();
  await expectReady(page, "the embedded model");
  await row.getByRole("button", { name: "Delete" }).click();
  await expectText(row, /Really\?/);
  await row.getByRole("button", { name: "Delete" }).click();
  await expectText(page.locator(".kept"), /No models yet\. The browser grants this page/);
  const left = await page.evaluate(async () => {
    const names = [];
    const visit = async (folder) => {
      for await (const [name, entry] of folder.entries())
        if (entry.kind === "directory") await visit(entry);
        else names.push(name);
    };
    await visit(await navigator.storage.getDirectory());
    return names;
  });
  if (left.length > 0) throw new Error(`A deleted model must leave no file: found ${left.join(", ")}`);
}

/** A damaged GGUF file is refused in words; a model's files are loaded. */
async function checkDrop(page) {
  await drop(page, { "model.gguf": "GGUF" });
  const alert = page.getByRole("alert");
  await expectText(alert, /model\.gguf' as it is too short for a GGUF file/);
  const names = readdirSync(tiny).filter((name) => /\.(json|safetensors)$/.test(name));
  const contents = names.map((name) => [name, readFileSync(new URL(name, tiny)).toString("base64")]);
  await drop(page, Object.fromEntries(contents));
  await expectReady(page, names[0]);
  if ((await alert.count()) > 0) throw new Error("The refusal must be gone once a model is loaded");
  await expectAnswer(page, "Reverse", "cloud stone river");
}

/** Drops files on the page. @param contents in base64 by name */
async function drop(page, contents) {
  await page.evaluate((contents) => {
    const dataTransfer = new DataTransfer();
    for (const [name, text] of Object.entries(contents)) {
      const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      dataTransfer.items.add(new File([bytes], name));
    }
    const init = { dataTransfer, bubbles: true, cancelable: true };
    for (const type of ["dragenter", "dragover"]) document.body.dispatchEvent(new DragEvent(type, init));
    document.body.dispatchEvent(new DragEvent("drop", init));
  }, contents);
  await page.locator(".drop-target").waitFor({ state: "detached" });
}

async function expectText(locator, pattern) {
  await locator.filter({ hasText: pattern }).waitFor();
}
