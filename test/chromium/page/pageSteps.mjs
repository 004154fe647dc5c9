// Steps that checks of the page share.

/** @param url of the page; collects errors of its console into `errors` */
export async function openPage(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  // What fits must not depend on the machine of the test.
  await context.addInitScript(() =>
    Object.defineProperty(Navigator.prototype, "deviceMemory", { get: () => 8 }),
  );
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(url);
  await expectReady(page, "the embedded model");
  return { context, page, errors };
}

export async function expectReady(page, name) {
  await page.locator('.notice[data-phase="ready"]', { hasText: name }).waitFor();
}

export async function openByAddress(page, address) {
  await page.getByLabel("Hub id or address").fill(address);
  await page.getByRole("button", { name: "Open", exact: true }).click();
}

/** Runs an example, and expects its answer. */
export async function expectAnswer(page, example, answer) {
  await page.getByRole("button", { name: "Text", exact: true }).click();
  await page.getByRole("button", { name: example }).click();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.locator(".status", { hasText: /^Done$/ }).waitFor();
  await page.locator(".text-view", { hasText: answer }).waitFor();
}
