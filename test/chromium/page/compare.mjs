// Two strategies side by side: both lanes run, are cancelled and are played together, and charts and times are of both.

import { expectManners } from "./manners.mjs";

/**
 * @param page a page whose engine is ready
 * @throws if lanes, charts or times are not as they should be
 */
export async function checkCompare(page) {
  await page.getByRole("button", { name: "Cells", exact: true }).click();
  await page.getByRole("button", { name: "Story", exact: true }).click();
  await page.getByLabel("Compare").check();
  await chooseLane(page, "A");
  await page.getByLabel("Decoder").selectOption("fixed");
  // These take long enough to be cancelled.
  await page.getByLabel("steps", { exact: true }).fill("64");
  await chooseLane(page, "B");
  await page.getByLabel("Decoder").selectOption("fixed");
  await page.getByLabel("steps", { exact: true }).fill("12");

  await runButton(page).click();
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  for (const lane of ["A", "B"]) await expectStatus(page, lane, "Cancelled");

  await chooseLane(page, "A");
  expect(await page.getByLabel("steps", { exact: true }).inputValue(), "64", "steps of lane A");
  await page.getByLabel("Decoder").selectOption("threshold");
  await runButton(page).click();
  for (const lane of ["A", "B"]) await expectStatus(page, lane, "Done");
  await page.getByRole("slider", { name: "Pass" }).press("End");
  const a = await forwardsOf(page, "A");
  const b = await forwardsOf(page, "B");
  if (!(a >= 1 && b === 12))
    throw new Error(`Lane B must take its 12 steps, and lane A some: found ${a}, ${b}`);
  const last = `A ${a}/${a} · B ${b}/${b}`;
  expect(
    await page.locator(".playback .pass").textContent(),
    last,
    "the end of the playback is that of both",
  );

  await checkCharts(page, { a, b });
  await checkTimes(page);
  expect(await page.locator(".race .lane").count(), 3, "lanes of the race");

  await page.getByLabel("Compare").uncheck();
  await runButton(page).click();
  await page.locator(".canvas-card .status", { hasText: /^Done$/ }).waitFor();
  expect(await page.locator(".lane-view").count(), 0, "lanes side by side after Compare is off");
  expect(await page.locator(".charts-card .chart-mark").count(), 2, "marks in the charts of one run");
}

/** @param forwards of each lane */
async function checkCharts(page, { a, b }) {
  const masks = page.getByRole("img", { name: /^Masks left by forward\./ });
  const label = await masks.getAttribute("aria-label");
  const expected = `A: from 128 masks to 0 in ${a} forward${a === 1 ? "" : "s"}. B: from 128 masks to 0 in ${b} forwards.`;
  if (!label.endsWith(expected)) throw new Error(`A chart must say '${expected}': found '${label}'`);

  // Half of the way along the axis is half of the longer run.
  const area = masks.locator(".u-over");
  const { width, height } = await area.boundingBox();
  await area.click({ position: { x: width / 2, y: height / 2 } });
  await page.locator(".playback .pass", { hasText: `B ${b / 2}/${b}` }).waitFor();
  expect(await page.locator(".chart-mark").count(), 4, "marks in two charts of two lanes");

  await page.getByText("The numbers as a table").click();
  const rows = page.locator(".chart-table tbody tr");
  await rows.first().waitFor();
  expect(await rows.count(), Math.max(a, b) + 1, "rows of the table");
  await page.setViewportSize({ width: 400, height: 800 });
  await page.waitForFunction(() => {
    const canvases = [...document.querySelectorAll(".chart canvas")];
    return canvases.length === 2 && canvases.every(({ clientWidth }) => clientWidth > 0 && clientWidth < 400);
  });
  await expectManners(page);
}

async function checkTimes(page) {
  const times = page.getByRole("region", { name: "Time by op" });
  for (const lane of ["A", "B"]) {
    const texts = await times.locator(`td[data-lane="${lane}"] .op-ms`).allTextContents();
    const sum = texts.reduce((total, text) => total + Number(text.replace("–", "0")), 0);
    if (!(texts.length > 5 && sum > 0))
      throw new Error(`The ops of lane ${lane} must have times: found ${texts.join(", ")}`);
  }
}

function chooseLane(page, lane) {
  return page.getByRole("button", { name: lane, exact: true }).click();
}

function runButton(page) {
  return page.getByRole("button", { name: "Run", exact: true });
}

async function expectStatus(page, lane, status) {
  const shown = page.locator(`.lane-view[data-lane="${lane}"] .status`);
  await shown.filter({ hasText: new RegExp(`^${status}$`) }).waitFor();
}

async function forwardsOf(page, lane) {
  return Number(await page.locator(`.lane-view[data-lane="${lane}"] .numbers dd`).first().textContent());
}

function expect(found, expected, what) {
  if (found !== expected) throw new Error(`Expected of ${what}: ${expected}, found ${found}`);
}
