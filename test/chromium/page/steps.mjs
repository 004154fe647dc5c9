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
