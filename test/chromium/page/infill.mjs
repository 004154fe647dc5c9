// Infilling by hand in the page in demo/: cells are selected by pointer, keyboard and finger, masked, typed over, and generated again.
import { button, expectAnswer, expectEnd, expectWords, openPage, runWith } from "./answers.mjs";

const answer = "cloud stone river";

/** @param ready a page of the browser @param address of the built page */
export async function checkInfill(ready, { address }) {
  const browser = ready.context().browser();
  await byPointer(browser, address);
  await byKeyboard(browser, address);
  await byFinger(browser, address);
}

async function openAnswer(context, address) {
  const page = await openPage(context, address);
  await button(page, "Reverse").click();
  await runWith(page, "Run");
  await expectAnswer(page, answer);
  return page;
}

async function byPointer(browser, address) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await openAnswer(context, address);
  const again = button(page, "Generate again");
  if (!(await again.isDisabled())) throw new Error("There must be nothing to generate before an edit");

  await dragOver(page, answer.indexOf("stone"), answer.indexOf("stone") + 4);
  await expectWords(page, ".edit-status", /^5 cells selected$/);
  await button(page, "Mask").click();
  await expectWords(page, ".edit-status", "5 masks are open");
  await expectAnswer(page, "cloud ░░░░░ river");
  await pointAt(page, answer.indexOf("stone"));
  await expectWords(page, ".history", "masked. The next run fills it.");
  await pointAt(page, 0);
  await expectWords(page, ".history", "“c”. The next run keeps it.");
  if (await button(page, "Play").isEnabled()) throw new Error("An edited answer must not be played");
  await again.click();
  await expectEnd(page);
  await expectAnswer(page, answer);
  await pointAt(page, 0);
  await expectWords(page, ".history", "“c”, pinned. The model does not decide it.");
  if (!(await page.textContent(".legend")).includes("pinned"))
    throw new Error("The legend must tell what pinned tokens look like");

  // Two words at once, with Ctrl; and back.
  await dragOver(page, 0, 4);
  await page.keyboard.down("Control");
  await dragOver(page, 12, 16);
  await page.keyboard.up("Control");
  await expectWords(page, ".edit-status", /^10 cells selected$/);
  await button(page, "Remove").click();
  await button(page, "Discard").click();
  await expectAnswer(page, answer);
  await context.close();
}

async function byKeyboard(browser, address) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await openAnswer(context, address);
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const canvas = page.getByLabel(/^Canvas of the answer/);
  await canvas.focus();
  await press("Home", ...Array(4).fill("Shift+ArrowRight"));
  await expectWords(page, ".edit-status", /^5 cells selected$/);
  await page.keyboard.type("piano");
  await press("Enter");
  await expectWords(page, ".edit-status", "no mask is open, 5 tokens typed in");
  // The characters that models/tiny knows are printable ASCII.
  await press("Enter");
  await page.keyboard.insertText("é");
  await press("Enter");
  await expectWords(page, ".edit .problem", "é");
  await press("Escape", "Escape", "ArrowRight", "ArrowRight");
  await press(...Array(4).fill("Shift+ArrowRight"), "Delete");
  await expectWords(page, ".edit-status", "5 masks are open, 5 tokens typed in");
  await press("Control+z", "Control+z");
  await expectWords(page, ".edit-status", /^5 cells selected$/);
  await press("Control+Shift+Z", "Control+y");
  await expectWords(page, ".edit-status", "5 masks are open, 5 tokens typed in");
  await press("Control+a");
  await expectWords(page, ".edit-status", "32 cells selected");
  await press("Space");
  await expectWords(page, ".edit-status", "31 cells selected");
  await press("Escape");
  await expectWords(page, ".edit-status", /^Edited/);
  await press("Control+Enter");
  await expectEnd(page);
  await expectAnswer(page, /^piano .{5} river$/);
  await context.close();
}

async function byFinger(browser, address) {
  const context = await browser.newContext({
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  const page = await openAnswer(context, address);
  const tap = async (position) => {
    const { x, y } = await placeOf(page, position);
    await page.touchscreen.tap(x, y);
  };
  await tap(2);
  await expectWords(page, ".edit-status", /^Select cells/);
  await button(page, "Select").tap();
  await tap(2);
  await tap(6);
  await expectWords(page, ".edit-status", /^2 cells selected$/);
  await tap(2);
  await expectWords(page, ".edit-status", /^1 cell selected$/);
  await swipe(page, 8, 10);
  await expectWords(page, ".edit-status", /^4 cells selected$/);
  await button(page, "Mask").tap();
  await button(page, "Generate again").tap();
  await expectEnd(page);
  await expectAnswer(page, answer);
  await context.close();
}

/** Moves a finger over cells. */
async function swipe(page, first, last) {
  const client = await page.context().newCDPSession(page);
  const touch = async (type, ...positions) => {
    const touchPoints = await Promise.all(positions.map((position) => placeOf(page, position)));
    await client.send("Input.dispatchTouchEvent", { type, touchPoints });
  };
  await touch("touchStart", first);
  await touch("touchMove", last);
  await touch("touchEnd");
}

/** The middle of a cell of the first line, where each token is a character. */
async function placeOf(page, position) {
  const canvas = page.locator(".cells canvas.over");
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  const fontSize = box.width < 420 ? 14 : box.width < 760 ? 16 : 18;
  // As in demo/canvas/layout.ts: a character, and the space within the cell and beside it.
  const pitch = fontSize * 0.602 + 6;
  return { x: box.x + 6 + (position + 0.4) * pitch, y: box.y + 6 + fontSize * 0.8 };
}

async function pointAt(page, position) {
  const { x, y } = await placeOf(page, position);
  await page.mouse.move(x, y);
  await expectWords(page, ".history", new RegExp(`^Position ${position}:`));
}

async function dragOver(page, first, last) {
  await pointAt(page, first);
  await page.mouse.down();
  const { x, y } = await placeOf(page, last);
  await page.mouse.move(x, y, { steps: 4 });
  await page.mouse.up();
}
