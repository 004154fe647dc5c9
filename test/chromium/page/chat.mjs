// The conversation of the page in demo/: runs become turns, a cancelled one does not, and the last answer can be generated again.
import { button, expectEnd, expectWords, openPage, runWith } from "./answers.mjs";

/** @param ready a page of the browser @param address of the built page */
export async function checkChat(ready, { address }) {
  const browser = ready.context().browser();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await openPage(context, address);
  await button(page, "Chat").click();
  await button(page, "Reverse").click();
  await runWith(page, "Run");
  await expectTurns(page, [["reverse river stone cloud", "cloud stone river"]]);
  if ((await page.getByLabel("Prompt", { exact: true }).inputValue()) !== "")
    throw new Error("The next turn must begin with an empty prompt");
  const before = await sizeOf(page);

  await button(page, "Sort").click();
  await runWith(page, "Run");
  await expectWords(page, ".turn.asked >> nth=1", "sort 42 17 90 63");
  if (!((await sizeOf(page)) > before + 20)) throw new Error("The second turn must go on from the first one");

  // Sixty-four forwards take long enough to be cancelled.
  await page.getByLabel("Decoder").selectOption("fixed");
  await page.getByLabel("steps", { exact: true }).fill("64");
  await button(page, "Story").click();
  await button(page, "Run").click();
  await expectWords(page, ".turn.answered >> nth=2", "…");
  await button(page, "Cancel").click();
  await expectWords(page, ".status", "Cancelled");
  if ((await page.locator(".turn.asked").count()) !== 2)
    throw new Error("A cancelled run must leave no turn");
  await expectPrompt(page, "story: leo, blue bird, lake");
  await page.getByLabel("steps", { exact: true }).fill("8");

  // An answer that is edited and generated again takes the place of the last one.
  await button(page, "Clear conversation").click();
  await button(page, "Reverse").click();
  await runWith(page, "Run");
  await page.getByLabel(/^Canvas of the answer/).focus();
  await page.keyboard.press("Home");
  await page.keyboard.type("piano");
  await page.keyboard.press("Enter");
  await expectWords(page, ".edit-status", "5 tokens typed in");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Delete");
  await button(page, "Generate again").click();
  await expectEnd(page);
  await expectWords(page, ".turn.answered", /^Model p.anoloud stone river$/);

  const log = page.getByRole("log");
  for (let turn = 0; turn < 4; turn++) {
    await button(page, "Sort").click();
    await runWith(page, "Run");
  }
  const isAtEnd = await log.evaluate(
    (element) =>
      element.scrollHeight > element.clientHeight + 20 &&
      element.scrollTop + element.clientHeight >= element.scrollHeight - 2,
  );
  if (!isAtEnd) throw new Error("A long conversation must scroll in its own region, to its end");
  await button(page, "Clear conversation").click();
  await expectWords(page, ".turns", "The conversation begins with your prompt.");
  await page.getByText("System message").click();
  await page.getByLabel("System message").fill("be brief");
  await expectWords(page, ".chat-foot", "The conversation takes 9 of 512 positions.");
  await context.close();
}

async function expectTurns(page, turns) {
  const found = await page.locator(".turn").allTextContents();
  const expected = turns.flatMap(([prompt, answer]) => [`You ${prompt}`, `Model ${answer}`]);
  if (JSON.stringify(found) !== JSON.stringify(expected))
    throw new Error(`The conversation must be '${expected.join("', '")}': found '${found.join("', '")}'`);
}

async function expectPrompt(page, text) {
  const found = await page.getByLabel("Prompt", { exact: true }).inputValue();
  if (found !== text) throw new Error(`The prompt must be '${text}' again: found '${found}'`);
}

/** Positions that the conversation takes. */
async function sizeOf(page) {
  await expectWords(page, ".chat-foot", /takes \d+ of \d+ positions/);
  return Number(/takes (\d+) of/.exec(await page.textContent(".chat-foot"))[1]);
}
