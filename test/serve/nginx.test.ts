/** deploy/nginx.conf, with other ports, in front of two real replicas, one of which is killed. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ServerProcess } from "../../bench/support/serverProcess.mjs";
import { keepStreaming } from "../../bench/support/streams.mjs";

/** The path of Debian's package. */
const nginx = "/usr/sbin/nginx";
const configuration = readFileSync(
  fileURLToPath(new URL("../../deploy/nginx.conf", import.meta.url)),
  "utf8",
);

/** A configuration for nginx in the foreground, with all its files in one folder. */
function wholeConfiguration(
  folder: string,
  ports: readonly [own: number, first: number, second: number],
): string {
  const [own, first, second] = ports;
  const server = configuration
    .replace("listen 8000", `listen 127.0.0.1:${own}`)
    .replace("127.0.0.1:8001", `127.0.0.1:${first}`)
    .replace("127.0.0.1:8002", `127.0.0.1:${second}`);
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  );
  const main = `daemon off; pid ${join(folder, "pid")}; error_log ${join(folder, "error.log")};`;
  return `${main}\nevents {}\nhttp {\naccess_log off;\n${paths.join("\n")}\n${server}\n}\n`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

test("a killed replica fails only its own requests, and nginx sends later ones to the other replica", async () => {
  const folder = mkdtempSync(join(tmpdir(), "unmask-nginx-"));
  const start = () => ServerProcess.start(["--backend", "cpu", "--log-level", "info"]);
  const replicas = await Promise.all([start(), start()]);
  const [first, second] = replicas;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const path = join(folder, "nginx.conf");
  const ports = [port, Number(new URL(first.url).port), Number(new URL(second.url).port)] as const;
  writeFileSync(path, wholeConfiguration(folder, ports));
  const proxy = spawn(nginx, ["-c", path, "-e", join(folder, "error.log")], { stdio: "inherit" });
  const ended = new Promise((resolve) => proxy.on("close", resolve));
  try {
    await expect
      .poll(() =>
        fetch(`${url}/health`).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);
    const counted = (count: number) => {
      let index = 0;
      return () => (index < count ? index++ : undefined);
    };
    const before = await keepStreaming(url, 4, counted(4));
    expect(before).toMatchObject({ streams: 4, errors: [] });
    const shares = await Promise.all(
      replicas.map(async (replica) => (await replica.metrics())["unmask_passes_total"]),
    );
    for (const passes of shares) expect(passes).toBeGreaterThan(0);

    // Streams follow each other without a pause, so the replica has some when it is killed.
    let sent = 0;
    let untilEnd = Number.POSITIVE_INFINITY;
    const traffic = keepStreaming(url, 4, () => (untilEnd-- > 0 ? sent++ : undefined));
    await expect.poll(async () => (await first.metrics())["unmask_active_requests"]).toBeGreaterThan(0);
    first.signal("SIGKILL");
    expect(await first.ended).toBe("SIGKILL");
    untilEnd = 8;
    const { streams, errors } = await traffic;
    expect(streams + errors.length).toBe(sent);
    // Only the streams of the killed replica fail: at most one for each of the four clients.
    expect(errors.length).toBeLessThanOrEqual(4);
    const others = second.errors
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter(({ msg }) => msg === "request");
    expect(others.length).toBeGreaterThan(8);
    for (const { status, aborted } of others) expect([status, aborted]).toEqual([200, false]);
    const after = await keepStreaming(url, 4, counted(6));
    expect(after).toMatchObject({ streams: 6, errors: [] });
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
    const named = await fetch(`${url}/v1/models`, { headers: { "x-request-id": "mine" } });
    expect(named.headers.get("x-request-id")).toBe("mine");
  } finally {
    proxy.kill();
    await ended;
    expect(await second.stop()).toBe(0);
    first.signal("SIGKILL");
    rmSync(folder, { recursive: true });
  }
});
