/** `unmask serve` as a separate process, under Node (from dist/) and under Deno. */
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ServerProcess } from "../../bench/support/serverProcess.mjs";
import { mixed, stream } from "../../bench/support/streams.mjs";
import { tinyFolder } from "../support/tinyModel.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const runtimes = [
  ["Node", [process.execPath, `${root}dist/cli/main.js`]],
  ["Deno", [`${root}node_modules/.bin/deno`, "run", "-A", `${root}src/cli/main.ts`]],
] as const;

const long = {
  path: "/v1/chat/completions",
  body: {
    messages: [{ role: "user", content: "story: leo, blue bird, lake" }],
    stream: true,
    stream_options: { include_usage: true },
    diffusion: {
      canvas: 64,
      block_length: 32,
      decoder: { name: "fixed", steps: 32 },
      cache: { name: "dual" },
    },
  },
};

/** Requests name the embedded model; here models/tiny has its name, as its answers are long enough to be cut off. */
const named = ["--model", `embedded=${tinyFolder}`, "--backend", "cpu"];

/** Starts a stream and waits until it is active. */
async function startStream(server: ServerProcess): Promise<{ readonly end: Promise<string> }> {
  const end = stream(server.url, long).then(
    () => "complete",
    () => "cut off",
  );
  await expect.poll(async () => (await server.metrics())["unmask_active_requests"]).toBe(1);
  return { end };
}

describe.each(runtimes)("%s", (_, command) => {
  test("after SIGTERM completes the accepted requests, accepts no more, and exits with code 0", async () => {
    const server = await ServerProcess.start([...named, "--drain-seconds", "600"], { command });
    expect(server.output).toMatch(/^Listening on http:\/\/127\.0\.0\.1:\d+\n {2}embedded: LLaDA-MoE on CPU/);
    const calm = await stream(server.url, mixed(0));
    const running = [long, mixed(0), long].map((request) => stream(server.url, request));
    await expect.poll(async () => (await server.metrics())["unmask_active_requests"]).toBeGreaterThan(1);
    const ended = server.stop("SIGTERM");
    const all = await Promise.all(running);
    expect(await ended).toBe(0);
    expect(all[1]!.text).toBe(calm.text);
    expect(all[0]!.tokens).toBeGreaterThan(10);
    await expect(fetch(server.url)).rejects.toThrow();
    const log = server.errors
      .trim()
      .split("\n")
      // Deno warns once that the signal of a request also fires after its response.
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
    expect(
      log.filter(({ msg }) => msg === "request").map(({ status, aborted }) => [status, aborted]),
    ).toEqual(Array(4).fill([200, false]));
    expect(log.at(-1)).toMatchObject({ msg: "drained: all requests have finished" });
  });
});

test.each(runtimes)("%s serves the page, and no page with --no-page", async (_, command) => {
  const [open, closed] = await Promise.all(
    [[], ["--no-page"]].map((args) => ServerProcess.start(["--backend", "cpu", ...args], { command })),
  );
  expect(open!.output).toMatch(/^Listening on \S+\n {2}embedded: /);
  expect(open!.output).toContain(`The page is at ${open!.url}/\n`);
  const page = await (await fetch(open!.url)).text();
  expect(page).toContain('name="unmask-server"');
  const [, script] = / src="\.(\/assets\/[^"]+)"/.exec(page)!;
  for (const path of [script, "/embedded/config.json"]) {
    const file = await fetch(open!.url + path);
    expect([path, file.status, (await file.text()).length > 100]).toEqual([path, 200, true]);
  }
  expect(closed!.output).not.toContain("The page is at");
  expect((await fetch(closed!.url)).status).toBe(404);
  expect(await Promise.all([open!.stop(), closed!.stop()])).toEqual([0, 0]);
});

test("a second signal ends the process at once", async () => {
  const server = await ServerProcess.start(named);
  const running = await startStream(server);
  server.signal("SIGINT");
  await expect.poll(() => server.errors).toContain("draining");
  expect(await server.stop("SIGINT")).toBe(130);
  expect(await running.end).toBe("cut off");
});

test("requests that exceed --drain-seconds are cut off, and the exit code is still 0", async () => {
  const server = await ServerProcess.start([...named, "--drain-seconds", "0"]);
  const running = await startStream(server);
  expect(await server.stop()).toBe(0);
  expect(await running.end).toBe("cut off");
  expect(server.errors).toContain('"level":"warn"');
});

test("serves several models by name, with keys from the environment", async () => {
  const args = [
    "--model",
    tinyFolder,
    "--model",
    `other=${tinyFolder}`,
    "--context",
    "128",
    "--backend",
    "cpu",
  ];
  const server = await ServerProcess.start(args, { env: { UNMASK_API_KEYS: "one,two" } });
  const headers = { authorization: "Bearer two", "content-type": "application/json" };
  const models = await (await fetch(`${server.url}/v1/models`, { headers })).json();
  expect(models).toMatchObject({ data: [{ id: "tiny" }, { id: "other", diffusion: { context: 128 } }] });
  const messages = [{ role: "user", content: "sort 3 1 2" }];
  const body = JSON.stringify({ model: "other", messages, diffusion: { canvas: 32 } });
  const send = (sentHeaders: Record<string, string>) =>
    fetch(`${server.url}/v1/chat/completions`, { method: "POST", headers: sentHeaders, body });
  expect(await (await send(headers)).json()).toMatchObject({
    model: "other",
    choices: [{ message: { content: "1 2 3" } }],
  });
  expect((await send({ ...headers, authorization: "Bearer three" })).status).toBe(401);
  expect(await server.stop()).toBe(0);
});

test("the example runs under Deno", async () => {
  const child = spawn(`${root}node_modules/.bin/deno`, ["run", "-A", "examples/deno/serve.ts", "0"], {
    cwd: root,
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const url = await new Promise<string>((resolve, reject) => {
    let text = "";
    ended.then(() => reject(new Error(`it ended: ${text}`)));
    for (const output of [child.stdout, child.stderr])
      output.setEncoding("utf8").on("data", (part: string) => {
        text += part;
        const [found] = /http:\/\/[\d.:]+/.exec(text) ?? [];
        if (found) resolve(found);
      });
  });
  expect(await (await fetch(`${url}/v1/models`)).json()).toMatchObject({ data: [{ id: "embedded" }] });
  child.kill();
  await ended;
});

test("one minute of bench/load.mjs breaks no stream", () => {
  const args = ["bench/load.mjs", "--minutes", "1", "--counts", "--model", tinyFolder];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  expect(stdout).toMatch(
    /^\d+ streams complete, 0 errors, 64 at a time\nbatch: \d+\.\d\d rows per pass\nno errors\n$/,
  );
  expect(status).toBe(0);
}, 600_000);
