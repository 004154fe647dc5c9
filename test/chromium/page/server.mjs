// The page as `unmask serve` serves it: isolated, with models in the tab and on the server. Needs dist/.
import { ServerProcess } from "../../../bench/support/serverProcess.mjs";
import { openBrowser } from "../browser.mjs";
import { expectStatus, expectText, run } from "./steps.mjs";

/** @throws if the page is not isolated, or a model in the tab and the same model on the server do not answer alike */
export async function checkServedPage() {
  const browser = await openBrowser({ hasWebgpu: false });
  try {
    await withServer({}, (server) => checkModels(browser, server));
    await withServer({ UNMASK_API_KEYS: "right-key" }, (server) => checkKey(browser, server));
  } finally {
    await browser.close();
  }
  console.log("Served page: isolated, the same answer in the tab and on the server");
}

async function withServer(env, use) {
  const server = await ServerProcess.start(["--backend", "cpu"], { env });
  try {
    await use(server);
  } finally {
    await server.stop();
  }
}

async function open(browser, { url }) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(30_000);
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("request", (request) => {
    if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(url)) problems.push(request.url());
  });
  await page.goto(`${url}/`);
  await page.waitForSelector('.notice[data-phase="ready"]');
  return { page, problems };
}

async function checkModels(browser, server) {
  const { page, problems } = await open(browser, server);
  const isIsolated = await page.evaluate(() => globalThis.crossOriginIsolated);
  if (isIsolated !== true) throw new Error(`The page must be isolated: found ${isIsolated}`);
  await page.getByRole("button", { name: "Text", exact: true }).click();
  await run(page, "Done");
  const answer = (await page.textContent(".text-view")).trim();
  if (answer.length < 40) throw new Error(`The page must answer with the story: found '${answer}'`);
  const forwards = await page.locator(".numbers dd").first().textContent();

  await useServerModel(page);
  const notice = await page.textContent(".notice");
  if (!notice.includes(`Runs on the server at ${server.url}/`))
    throw new Error(`The page must say where the model runs: found '${notice}'`);
  await run(page, "Done");
  await expectText(page, answer);
  const again = await page.locator(".numbers dd").first().textContent();
  if (again !== forwards) throw new Error(`The server must take ${forwards} forwards: found ${again}`);

  await page.getByLabel("Decoder").selectOption("fixed");
  await page.getByLabel("steps", { exact: true }).fill("64");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await expectStatus(page, "Cancelled");
  await until(async () => (await server.metrics())["unmask_active_requests"] === 0);
  await page.getByLabel("steps", { exact: true }).fill("16");
  await run(page, "Done");
  await expectText(page, answer);
  if (problems.length > 0) throw new Error(`The page must have no problem: found ${problems.join("\n")}`);

  await server.stop();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expectStatus(page, "Failed");
  await page.getByRole("alert").filter({ hasText: "Cannot continue with the server" }).waitFor();
  await page.close();
}

async function checkKey(browser, server) {
  const { page } = await open(browser, server);
  const useKey = async (key) => {
    await page.getByLabel("API key of this server").fill(key);
    await page.getByRole("button", { name: "Connect" }).click();
  };
  await useKey("wrong-key");
  await page.getByText("The server does not accept this key.").waitFor();
  await useKey("right-key");
  await useServerModel(page);
  await page.getByRole("button", { name: "Text", exact: true }).click();
  await page.getByRole("button", { name: "Reverse" }).click();
  await run(page, "Done");
  await expectText(page, "cloud stone river");
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  if (kept.includes("right-key")) throw new Error("The page must keep no key");
  await page.close();
}

async function useServerModel(page) {
  await page.getByLabel("On this server").selectOption("embedded");
  await page.getByRole("button", { name: "Use", exact: true }).click();
  await page.locator('.notice[data-phase="ready"]', { hasText: "Runs on the server" }).waitFor();
}

async function until(isTrue) {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 20));
}
