// What a person does on the page, and sees, in most checks.

/** Runs the prompt, and waits for the end of its playback. */
export async function run(page, status) {
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expectStatus(page, status);
  // The playback shows the run more slowly than it was.
  await page.locator(".playback .pass", { hasText: /^pass (\d+)\/\1$/ }).waitFor();
}

export async function expectStatus(page, status) {
  await page.locator(".status", { hasText: new RegExp(`^${status}$`) }).waitFor();
}

export async function expectText(page, text) {
  const found = (await page.textContent(".text-view")).trim();
  if (found !== text) throw new Error(`The page must answer '${text}': found '${found}'`);
}
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
