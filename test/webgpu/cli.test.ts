/** The command line on WebGPU, and what `auto` picks. Generations are short: kernels run on software here. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { auto } from "../../src/backends/auto.ts";
import { pickBackend } from "../../src/backends/named.ts";
import { openGpu } from "../../src/backends/webgpu/index.ts";
import { temporaryFolder } from "../cli/folder.ts";
import { oracleDirectory, runCommand, runTiny } from "../cli/testIo.ts";
import { tinyFolder } from "../support/tinyModel.ts";

const folder = temporaryFolder();
const root = fileURLToPath(new URL("../..", import.meta.url));
const short = ["sort 3 1 2", "--gen-length", "8", "--block-length", "8"];

test("generate runs on a software adapter that is asked for, and tells the time of every op", async () => {
  const argv = ["--backend", "webgpu", "--decode-loop", "device", "--profile", "--verbose"];
  const { code, stdout, stderr } = await runTiny(["generate", ...short, ...argv]);
  expect([code, stdout]).toEqual([0, "1 2 3\n"]);
  expect(stderr).toContain("backend webgpu: chosen by name");
  expect(stderr).toMatch(/^model .* on WebGPU on .*SwiftShader/m);
  expect(stderr).toMatch(/^op +dispatches +ms +share$/m);
  expect(stderr).toMatch(/^experts +[1-9]\d* +[\d.]+ +[\d.]+ %$/m);
  expect(stderr).toMatch(/^commit\/entropyBound +[1-9]\d* /m);
  expect(stderr).toMatch(/^\d+ passes? on WebGPU.*: [1-9][\d.]* dispatches and [\d.]+ ms per pass$/m);
  expect(stderr).toMatch(/^[\d.e-]+ GB\/s/m);
});

test("debug trace gives the same in both loops", async () => {
  interface Trace {
    readonly config: string;
    readonly request: object;
  }
  const file = JSON.parse(readFileSync(join(oracleDirectory, "traces.json"), "utf8")) as {
    readonly traces: readonly Trace[];
  };
  const request = { ...file.traces[0]!.request, gen: 16, block: 8, decoder: { name: "threshold" } };
  const write = (mode: string) =>
    folder.write(JSON.stringify({ ...file, traces: [{ request: { ...request, mode } }] }));
  const input = write("default");
  const tiny = ["--model", tinyFolder];
  const trace = (...argv: readonly string[]) =>
    runCommand(["debug", "trace", ...tiny, "--input", input, ...argv]);
  const host = await trace("--backend", "webgpu", "--loop", "host");
  expect([host.code, host.stderr]).toEqual([0, ""]);
  expect(await trace("--backend", "webgpu", "--loop", "device")).toEqual(host);
  expect(await trace("--backend", "cpu")).toEqual(host);

  const published = ["debug", "trace", ...tiny, "--input", write("reference"), "--backend", "webgpu"];
  const refused = await runCommand([...published, "--loop", "device"]);
  expect([refused.code, refused.stdout]).toEqual([2, ""]);
  expect(refused.stderr).toContain("Cannot decide on the device as the passes of cache 'dInferNone'");
});

test("auto leaves software adapters alone, and names them", async () => {
  const { entry, reason } = await pickBackend("auto");
  expect(entry.name).toBe("wasm");
  expect(reason).toMatch(
    /(^|^cuda: .*; )webgpu: the only adapter is no hardware: .*SwiftShader.*\(software\)$/,
  );
});

test("the factory auto() picks by adapter, tells why, and stays with it", async () => {
  const picks: string[][] = [];
  const onPick = (...pick: readonly [string, string]) => picks.push([...pick]);
  const software = auto({ onPick });
  for (let time = 0; time < 2; time++) {
    const backend = await software();
    expect(backend.name).toBe("wasm");
    await backend.dispose();
  }
  expect(picks.splice(0)).toEqual([["wasm", expect.stringMatching(/^the only adapter is no hardware: /)]]);

  const none = await auto({ gpu: { requestAdapter: async () => null } as unknown as GPU, onPick })();
  expect(none.name).toBe("wasm");
  await none.dispose();
  expect(picks.splice(0)).toEqual([["wasm", "WebGPU found no adapter"]]);

  // On such an adapter the self-test of the kernels for hardware would take long.
  const hardware = await auto({ gpu: disguised((await openGpu())!), selfTest: false, onPick })();
  expect(hardware.name).toBe("webgpu");
  await hardware.dispose();
  expect(picks).toEqual([["webgpu", "WebGPU on Card 1"]]);
});

/** The same adapter, as hardware describes itself. */
function disguised(gpu: GPU): GPU {
  const requestAdapter = async () => {
    const adapter = (await gpu.requestAdapter())!;
    return {
      features: adapter.features,
      limits: adapter.limits,
      info: { vendor: "", architecture: "", device: "", description: "Card 1" },
      requestDevice: (descriptor: GPUDeviceDescriptor) => adapter.requestDevice(descriptor),
    };
  };
  return { requestAdapter } as unknown as GPU;
}

test("the process ends by itself, with its code", async () => {
  const run = (...argv: readonly string[]) =>
    new Promise<[code: number | null, output: string]>((resolve, reject) => {
      const command = ["dist/cli/main.js", "generate", "--model", tinyFolder, ...short, ...argv];
      const child = spawn(process.execPath, command, { cwd: root, stdio: ["ignore", "pipe", "ignore"] });
      let output = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
      child.on("error", reject);
      child.on("close", (code) => resolve([code, output]));
    });
  expect(await run("--backend", "webgpu")).toEqual([0, "1 2 3\n"]);
  // It has looked at the adapter by then.
  expect(await run("--backend", "auto", "--decode-loop", "device", "--cache", "dInferNone")).toEqual([2, ""]);
});
