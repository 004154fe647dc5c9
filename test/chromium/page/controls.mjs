// Every control of settings and playback: with each choice the page runs to its end, and the playback goes where it is sent.
import { expectStatus } from "./steps.mjs";

/** @throws if a choice that the page offers ends in an error, or a control of the playback does not act */
export async function checkControls(page) {
  await page.getByRole("button", { name: "Sort", exact: true }).click();
  await page.getByLabel("Speed").selectOption("8");
  for (const preset of await page.locator(".presets button").all()) {
    await preset.click();
    await runOnce(page);
  }
  await page.getByLabel("genLength", { exact: true }).fill("24");
  await page.getByLabel("seed", { exact: true }).fill("3");
  for (const decoder of await options(page, "Decoder")) {
    await page.getByLabel("Decoder").selectOption(decoder);
    await runOnce(page);
  }
  await page.getByLabel("Decoder").selectOption("threshold");
  await page.getByLabel("blockLength", { exact: true }).fill("8");
  await page.getByLabel("temperature", { exact: true }).fill("0.7");
  for (const cache of await options(page, "Cache")) {
    await page.getByLabel("Cache").selectOption(cache);
    await runOnce(page);
  }
  await page.getByLabel("Iteration smoothing").check();
  await runOnce(page);
  const forwards = Number(await page.locator(".numbers dd").first().textContent());
  if (!(forwards >= 3)) throw new Error(`Three blocks take at least three forwards: found ${forwards}`);
  await checkPlayback(page);
}

function options(page, label) {
  return page.getByLabel(label).locator("option").allTextContents();
}

async function runOnce(page) {
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.locator('.run[data-status="running"], .run[data-status="done"]').waitFor();
  await expectStatus(page, "Done");
  const problem = page.locator('.run [role="alert"]');
  if ((await problem.count()) > 0)
    throw new Error(`A run must not fail: found '${await problem.textContent()}'`);
}

async function checkPlayback(page) {
  const shown = page.locator(".playback .pass");
  await page.locator(".playback .pass", { hasText: /^pass (\d+)\/\1$/ }).waitFor();
  const last = Number(/\/(\d+)$/.exec(await shown.textContent())[1]);
  await page.getByLabel("One pass back").click();
  await shown.filter({ hasText: `pass ${last - 1}/${last}` }).waitFor();
  await page.getByLabel("One pass on").click();
  await shown.filter({ hasText: `pass ${last}/${last}` }).waitFor();
  await page.getByRole("slider", { name: "Pass" }).fill("0");
  await shown.filter({ hasText: `pass 0/${last}` }).waitFor();
  await page.getByLabel("Pace", { exact: true }).selectOption("measured");
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await shown.filter({ hasText: `pass ${last}/${last}` }).waitFor();
  await page.getByRole("button", { name: "Age", exact: true }).click();
  await page.locator(".legend", { hasText: "committed in this pass" }).waitFor();
  await page.getByRole("button", { name: "Race", exact: true }).click();
  const counted = page.locator(".race .lane-count").last();
  const all = /of (\d+) forwards/.exec(await counted.textContent())[1];
  await counted.filter({ hasText: `${all} of ${all} forwards` }).waitFor();
}
