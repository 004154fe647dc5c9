// The cells of a run: what is drawn from one frame to the next is what a whole drawing of the frame is.

/** @throws Error if the picture of the last frame depends on the frames that were drawn before it */
export async function checkCells(page) {
  await page.getByRole("button", { name: "Cells", exact: true }).click();
  const cells = page.locator(".cells");
  await cells.waitFor();
  const back = page.getByRole("button", { name: "One pass back", exact: true });
  for (let count = 0; count < 3; count++) await back.click();
  await page.getByRole("button", { name: "One pass on", exact: true }).click();
  const changed = await cells.screenshot();
  // Other colours are drawn as a whole.
  await page.getByRole("button", { name: "Age", exact: true }).click();
  await page.getByRole("button", { name: "Confidence", exact: true }).click();
  const whole = await cells.screenshot();
  if (!changed.equals(whole)) throw new Error("Cells that change must leave no trace: found another picture");
}
