// The page at the widths of a phone, a tablet and a desk, in light and dark: nothing overlaps or overflows, axe finds no serious
// violation, and everything is reached with the keyboard.
import AxeBuilder from "@axe-core/playwright";

const widths = [360, 768, 1440];
const colorSchemes = ["light", "dark"];

/** @param page ready, with no run yet */
export async function checkManners(page) {
  await checkKeyboard(page);
  await expectNoMotion(page);
  await expectManners(page);
}

/** The page as it stands, at all widths and in both colour schemes. Leaves it at the last of them. */
export async function expectManners(page) {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of colorSchemes) {
      await page.emulateMedia({ colorScheme });
      await expectLayout(page, `${width} pixels`);
      await expectAccessible(page, `${width} pixels in ${colorScheme}`);
    }
  }
}

/** A run, its cells and its playback without a pointer. */
async function checkKeyboard(page) {
  const reached = await tabThrough(page);
  const all = await page.evaluate(() => {
    const controls = document.querySelectorAll(
      "button, input, select, textarea, a[href], summary, canvas[tabindex]",
    );
    return [...controls].filter((each) => !each.disabled && each.checkVisibility()).length;
  });
  // Radio buttons of one group are one stop.
  const groups = await page.evaluate(() => {
    const radios = [...document.querySelectorAll('input[type="radio"]')].filter((each) =>
      each.checkVisibility(),
    );
    return radios.length - new Set(radios.map(({ name }) => name)).size;
  });
  if (reached < all - groups)
    throw new Error(`Tab must reach all ${all - groups} controls: found ${reached}`);

  await page.getByLabel("Prompt", { exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.locator(".status", { hasText: /^Done$/ }).waitFor();
  await page.locator(".cells canvas[tabindex]").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  const history = await page.textContent(".history");
  if (!/position \d+/i.test(history))
    throw new Error(`Arrow keys must move between positions: found '${history}'`);
}

/** Presses Tab until focus leaves the page, and counts where it was. */
async function tabThrough(page) {
  await page.evaluate(() => document.activeElement?.blur());
  let stops = 0;
  const limit = 300;
  while (stops < limit) {
    await page.keyboard.press("Tab");
    const isAtControl = await page.evaluate(() => {
      const active = document.activeElement;
      if (!active || active === document.body || active.dataset.visited) return false;
      active.dataset.visited = "yes";
      return true;
    });
    if (!isAtControl) break;
    stops++;
  }
  return stops;
}

/** With reduced motion, a frame is drawn once and stays. */
async function expectNoMotion(page) {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.getByLabel("One pass back").click();
  const running = await page.evaluate(
    () => document.getAnimations().filter(({ playState }) => playState === "running").length,
  );
  if (running > 0) throw new Error(`Nothing must move with reduced motion: found ${running} animations`);
  await page.emulateMedia({ reducedMotion: "no-preference" });
}

/** Nothing is wider than the window, and no control lies over another one. */
async function expectLayout(page, where) {
  const found = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) return `${scrollWidth - clientWidth} pixels beyond the right edge`;
    const controls = [
      ...document.querySelectorAll("button, input, select, textarea, canvas[tabindex], h1, h2, .notice, dl"),
    ];
    const boxes = controls
      .filter((each) => each.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
      .map((each) => ({ each, box: each.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 1 && box.height > 1);
    for (const [index, a] of boxes.entries()) {
      for (const b of boxes.slice(index + 1)) {
        if (a.each.contains(b.each) || b.each.contains(a.each)) continue;
        const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
        const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
        if (across > 1 && down > 1)
          return `${a.each.outerHTML.slice(0, 120)} over ${b.each.outerHTML.slice(0, 120)}`;
      }
    }
    return undefined;
  });
  if (found) throw new Error(`Nothing must overlap or overflow at ${where}: found ${found}`);
}

async function expectAccessible(page, where) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  if (serious.length === 0) return;
  const found = serious.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join("; ")}`,
  );
  throw new Error(`axe must find no serious violation at ${where}: found\n${found.join("\n")}`);
}
