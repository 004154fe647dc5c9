// A download into the browser's private file system whose page is closed in the middle, from a hub that redirects to
// another origin, as the real one does.
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { setTimeout } from "node:timers/promises";

const content = randomBytes(40 * 2 ** 20);
const sha256 = createHash("sha256").update(content).digest("hex");
const commit = "0123456789abcdef0123456789abcdef01234567";
/** Of the store's files: what is kept of a page that is closed is whole segments. */
const segmentBytes = 16 * 2 ** 20;
/** What the first page is sent: a segment and a half. */
const firstBytes = 24 * 2 ** 20;

/** @throws if the next page does not go on where the first one was, or if the token goes to the other origin */
export async function checkDownload(browser, address) {
  const asked = [];
  const cdn = await listen((request, response) => {
    asked.push({ range: request.headers.range, token: request.headers.authorization });
    const start = Number(/^bytes=(\d+)-/.exec(request.headers.range)[1]);
    response.writeHead(206, {
      "content-length": content.length - start,
      "content-range": `bytes ${start}-${content.length - 1}/${content.length}`,
    });
    if (asked.length === 1) response.write(content.subarray(start, firstBytes));
    else response.end(content.subarray(start));
  });
  const tokens = [];
  const hub = await listen((request, response) => {
    tokens.push(request.headers.authorization);
    if (!request.url.startsWith("/api/")) {
      response.writeHead(302, { location: `${cdn.origin}/model.safetensors` }).end();
      return;
    }
    const siblings = [{ rfilename: "model.safetensors", size: content.length, lfs: { sha256 } }];
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ sha: commit, siblings }));
  });
  // Pages of one context share their private file system.
  const context = await browser.newContext();
  try {
    const first = await open(context, address);
    first.evaluate(start, hub.origin).catch(() => {});
    while ((await first.evaluate(() => globalThis.keptBytes())) < segmentBytes) await setTimeout(20);
    await first.close();
    const second = await open(context, address);
    const found = await second.evaluate(start, hub.origin);
    if (found !== sha256) throw new Error(`The downloaded file has SHA-256 ${found} and not ${sha256}`);
    const resumedAt = Number(/^bytes=(\d+)-/.exec(asked.at(-1).range)[1]);
    if (asked.length !== 2 || resumedAt < segmentBytes)
      throw new Error(`The second page does not go on where the first was: found ${JSON.stringify(asked)}`);
    if (tokens.some((token) => token !== "Bearer secret")) throw new Error("The hub does not get the token");
    if (asked.some(({ token }) => token !== undefined)) throw new Error("The token goes to another origin");
    console.log(`Download into OPFS: resumed at ${resumedAt} of ${content.length} bytes`);
  } finally {
    await context.close();
    for (const { server } of [hub, cdn]) {
      server.closeAllConnections();
      server.close();
    }
  }
}

function start(endpoint) {
  return globalThis.download(endpoint, "secret");
}

async function open(context, address) {
  const page = await context.newPage();
  await page.goto(`${address}download.html`);
  await page.waitForFunction(() => "download" in globalThis);
  return page;
}

/** A server that pages of any origin may ask. */
async function listen(answer) {
  const server = createServer((request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("access-control-allow-headers", "authorization, range");
    response.setHeader("access-control-expose-headers", "content-range, content-length");
    if (request.method === "OPTIONS") response.writeHead(204).end();
    else answer(request, response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, origin: `http://127.0.0.1:${server.address().port}` };
}
