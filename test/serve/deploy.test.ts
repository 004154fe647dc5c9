/** The files of deploy/ use existing options and paths, and consistent times. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { readSettings } from "../../src/cli/serve/settings.ts";
import { probePaths } from "../../src/server/probes.ts";
import { runCommand } from "../cli/testIo.ts";

const read = (name: string) => readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), "utf8");

/** Expects that the command's help has every option. */
async function expectOptions(args: readonly string[]): Promise<void> {
  expect(args[0]).toBe("serve");
  const { stdout } = await runCommand(["serve", "--help"]);
  const options = args.filter((arg) => arg.startsWith("--"));
  expect(options.length).toBeGreaterThan(1);
  for (const option of options) expect(stdout).toMatch(new RegExp(`^  ${option} `, "m"));
}
const numberAfter = (args: readonly string[], option: string) => Number(args[args.indexOf(option) + 1]);

test("the Kubernetes manifest", async () => {
  const [deployment, service, budget] = read("deploy/kubernetes.yaml")
    .split("\n---\n")
    .map((text) => parse(text));
  expect([deployment.kind, service.kind, budget.kind]).toEqual([
    "Deployment",
    "Service",
    "PodDisruptionBudget",
  ]);
  const pod = deployment.spec.template;
  const labels = pod.metadata.labels;
  expect(deployment.spec.selector.matchLabels).toEqual(labels);
  expect(service.spec.selector).toEqual(labels);
  expect(budget.spec.selector.matchLabels).toEqual(labels);
  const [container] = pod.spec.containers;
  await expectOptions(container.args);
  expect(container.ports).toEqual([{ name: "http", containerPort: numberAfter(container.args, "--port") }]);
  expect(service.spec.ports[0].targetPort).toBe("http");
  for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"]) {
    expect(probePaths).toContain(container[probe].httpGet.path);
    expect(container[probe].httpGet.port).toBe("http");
  }
  expect(probePaths).toContain(pod.metadata.annotations["prometheus.io/path"]);
  const [, sleep] = container.lifecycle.preStop.exec.command;
  const ending = Number(sleep) + numberAfter(container.args, "--drain-seconds");
  expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThan(ending);
  const mounts = container.volumeMounts.map(({ name }: { name: string }) => name);
  expect(pod.spec.volumes.map(({ name }: { name: string }) => name)).toEqual(mounts);
  expect(pod.spec.securityContext.runAsNonRoot).toBe(true);
});

test("the systemd unit", async () => {
  const lines = read("deploy/unmask.service").split("\n");
  const value = (name: string) => lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
  const [, ...args] = value("ExecStart")!.split(" ");
  await expectOptions(args);
  expect(Number(value("TimeoutStopSec"))).toBeGreaterThan(numberAfter(args, "--drain-seconds"));
  expect(value("RestartPreventExitStatus")).toBe("2");
  for (const line of lines) expect(line).toMatch(/^$|^#|^\[(Unit|Service|Install)\]$|^[A-Z]\w+=.*$/);
});

test("the Dockerfile", async () => {
  const text = read("deploy/Dockerfile");
  const command = /^CMD (\[.*\])$/m.exec(text)![1]!;
  const args = JSON.parse(command) as string[];
  await expectOptions(args);
  expect(text).toContain(`EXPOSE ${numberAfter(args, "--port")}\n`);
  const [, check] = /CMD (\["node".*\])$/m.exec(text)!;
  const path = /http:\/\/127\.0\.0\.1:(\d+)(\/\w+)/.exec(JSON.parse(check!).at(-1))!;
  expect([Number(path[1]), probePaths.includes(path[2]!)]).toEqual([numberAfter(args, "--port"), true]);
  // The container does not run as root.
  expect(text.lastIndexOf("USER node")).toBeGreaterThan(text.lastIndexOf("FROM "));
  const { files } = JSON.parse(read("package.json")) as { files: string[] };
  for (const [, source] of text.matchAll(/^COPY --from=build \/build\/(\w+) /gm))
    expect([...files.map((path) => path.split("/")[0]), "node_modules"]).toContain(source);
});

test("nginx and the server have the same limit of a body", () => {
  const [, mebibytes] = /client_max_body_size (\d+)m;/.exec(read("deploy/nginx.conf"))!;
  expect(Number(mebibytes)).toBe(readSettings({}).maxBodyMib);
});

test("docs/deploying.md has every metric and every exit code", async () => {
  const text = read("docs/deploying.md");
  const sources = read("src/server/metrics.ts") + read("src/server/engineMetrics.ts");
  const own = [...sources.matchAll(/"([a-z]+(?:_[a-z]+)+)"/g)].map(([, name]) => name!);
  const gauges = [...sources.matchAll(/^ {2}([a-z]+(?:_[a-z]+)+): \[/gm)].map(([, name]) => name!);
  const names = new Set(
    [...own, ...gauges].map((name) => (name.startsWith("process_") ? name : `unmask_${name}`)),
  );
  expect(names.size).toBeGreaterThan(15);
  for (const name of names) expect(text).toContain(`\`${name}\``);
  for (const code of [0, 1, 2, 3, 130]) expect(text).toMatch(new RegExp(`^\\| ${code} `, "m"));
});
