// A run of the page on the CPU: answers, cancel and again, refused values, an infill, a model from a folder, a GGUF file.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expectStatus, expectText, run } from "./steps.mjs";

const story =
  "one day leo went to the lake. there leo saw a blue bird. the bird was lost, so leo took the blue bird home.";

/** @param page ready, on the CPU */
export async function checkRuns(page) {
  const notice = await page.textContent(".notice");
  if (!/CPU/.test(notice) || !/Not with WebGPU, as /.test(notice))
    throw new Error(`The page must say that it runs on the CPU, and why: found '${notice}'`);

  await page.getByRole("button", { name: "Text", exact: true }).click();
  await run(page, "Done");
  await expectText(page, story);
  const forwards = Number(await page.locator(".numbers dd").first().textContent());
  if (!(forwards > 1 && forwards < story.length))
    throw new Error(`A forward must commit several tokens: found ${forwards} forwards`);

  // Sixty-four forwards take long enough to be cancelled.
  await page.getByLabel("Decoder").selectOption("fixed");
  await page.getByLabel("steps", { exact: true }).fill("64");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await expectStatus(page, "Cancelled");
  await page.getByLabel("steps", { exact: true }).fill("0");
  if (!(await page.getByRole("button", { name: "Run", exact: true }).isDisabled()))
    throw new Error("The page must not run with a value that the decoder refuses");
  await page.getByLabel("steps", { exact: true }).fill("16");
  await run(page, "Done");
  await expectText(page, story);

  // What the engine would refuse is not offered: this decoder overwrites tokens, which these caches cannot follow.
  await page.getByLabel("Decoder").selectOption("edit");
  const caches = await page.getByLabel("Cache").locator("option").allTextContents();
  if (caches.includes("dual") || !caches.includes("none"))
    throw new Error(`Decoder 'edit' must have exact caches alone: found ${caches.join(", ")}`);

  await page.getByLabel("Decoder").selectOption("threshold");
  await page.getByRole("button", { name: "Fill the gaps" }).click();
  await run(page, "Done");
  const filled = await page.textContent(".text-view");
  if (!/^one day mia went.+\. there mia saw.+\. the fox was lost, so mia.+ home\.$/.test(filled))
    throw new Error(`The pinned text must stay: found '${filled}'`);

  const folder = page.getByLabel("Folder with a Hugging Face model");
  await folder.setInputFiles(fileURLToPath(new URL("../../../demo/app", import.meta.url)));
  await page.getByRole("alert").filter({ hasText: "config.json" }).waitFor();
  await folder.setInputFiles(fileURLToPath(new URL("../../../models/tiny", import.meta.url)));
  await page.locator('.notice[data-phase="ready"]', { hasText: ": tiny." }).waitFor();
  await page.getByRole("button", { name: "Reverse" }).click();
  await run(page, "Done");
  await expectText(page, "cloud stone river");
  await checkGguf(page);
  console.log(`Page: ${forwards} forwards for the story`);
}

/** A GGUF file, which the built command line makes of the same model. */
async function checkGguf(page) {
  const folder = mkdtempSync(join(tmpdir(), "unmask-page-"));
  try {
    const file = join(folder, "quantized.gguf");
    const main = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));
    const tiny = fileURLToPath(new URL("../../../models/tiny", import.meta.url));
    execFileSync(process.execPath, [main, "convert", tiny, file, "--quantize", "q8_0"]);
    await page.getByLabel("GGUF file").setInputFiles(file);
    await page.locator('.notice[data-phase="ready"]', { hasText: ": quantized.gguf." }).waitFor();
    await page.getByRole("button", { name: "Reverse" }).click();
    await run(page, "Done");
    await expectText(page, "cloud stone river");
  } finally {
    rmSync(folder, { recursive: true });
  }
}
