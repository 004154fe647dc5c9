// What checks of the page in demo/ share: running, waiting for the end, and what the page then shows.

/** Opens the page, and waits for its model. */
export async function openPage(context, address) {
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(address);
  await page.waitForSelector('.notice[data-phase="ready"]');
  return page;
}

export const button = (page, name) => page.getByRole("button", { name, exact: true });

/** Clicks a button that begins a run, and waits until its playback has ended. */
export async function runWith(page, name) {
  await button(page, name).click();
  await expectEnd(page);
}

export async function expectEnd(page) {
  await page.locator(".status", { hasText: /^Done$/ }).waitFor();
  await page.locator(".playback .pass", { hasText: /^pass (\d+)\/\1$/ }).waitFor();
}

/** Waits until an element has a text. */
export async function expectWords(page, selector, words) {
  const found = page.locator(selector);
  try {
    await found.filter({ hasText: words }).first().waitFor({ timeout: 10_000 });
  } catch {
    throw new Error(`The page must say '${words}': found '${(await found.allTextContents()).join("', '")}'`);
  }
}

/** Compares the answer with a text, or a pattern, in the text view. */
export async function expectAnswer(page, answer) {
  await button(page, "Text").click();
  const found = (await page.textContent(".text-view")).trim();
  await button(page, "Cells").click();
  if (typeof answer === "string" ? found !== answer : !answer.test(found))
    throw new Error(`The page must answer '${answer}': found '${found}'`);
}
