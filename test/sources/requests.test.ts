/** The number of requests for loading a model over HTTP depends on its files and megabytes, not on its tensors. */
import { describe, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine, type LoadProgress, type ModelSource } from "../../src/core/index.ts";
import { hub, memory, url } from "../../src/sources/index.ts";
import { hubServer } from "../support/hubServer.ts";
import { loopback, withoutRanges, withRanges } from "../support/loopback.ts";
import { publishedModels, small } from "../support/publishedModels.ts";
import { safetensors } from "../support/safetensors.ts";
import { ids } from "../support/smallModels.ts";
import { tinyFiles } from "../support/surroundings.ts";

const megabyte = 2 ** 20;
const tiny = await tinyFiles();

async function load(source: ModelSource): Promise<readonly LoadProgress[]> {
  const reports: LoadProgress[] = [];
  const onProgress = (progress: LoadProgress) => void reports.push(progress);
  const engine = await Engine.load(source, { backend: cpu(), context: 64, onProgress });
  await engine.dispose();
  return reports;
}

/** A mixture of experts with thousands of small tensors, in shards with sorted names, like published checkpoints. */
function mixture(shardCount: number): Record<string, Uint8Array> {
  const published = publishedModels.find(({ id }) => id === ids.lladaMoe)!;
  const config = {
    ...small(published),
    num_experts: 512,
    num_hidden_layers: 2,
    hidden_size: 64,
    expert_intermediate_size: 40,
  };
  const layout = [...published.layout(config)].sort((a, b) => (a.name < b.name ? -1 : 1));
  const perShard = Math.ceil(layout.length / shardCount);
  const files: Record<string, Uint8Array> = {
    "config.json": new TextEncoder().encode(JSON.stringify(config)),
  };
  const shardOf: Record<string, string> = {};
  for (let shard = 0; shard < shardCount; shard++) {
    const name = `model-${shard + 1}-of-${shardCount}.safetensors`;
    const tensors = layout.slice(shard * perShard, (shard + 1) * perShard);
    for (const tensor of tensors) shardOf[tensor.name] = name;
    files[name] = safetensors(
      tensors.map(({ name: tensor, shape }, index) => ({
        name: tensor,
        shape,
        dtype: "bf16",
        data: new Uint8Array(2 * shape.reduce((product, size) => product * size, 1)).fill(0x30 + (index % 8)),
      })),
    );
  }
  files["model.safetensors.index.json"] = new TextEncoder().encode(JSON.stringify({ weight_map: shardOf }));
  return files;
}

/**
 * The upper bound of requests for weights. Each shard takes one to open, one or two for its header, and one for a short
 * last range. The comparison of head and embedding reads the first bytes of both.
 */
function maxRequests(files: Record<string, Uint8Array>): number {
  const shards = Object.entries(files).filter(([name]) => name.endsWith(".safetensors"));
  const bytes = shards.reduce((sum, [, file]) => sum + file.length, 0);
  expect(bytes).toBeGreaterThan(12 * megabyte);
  return Math.ceil(bytes / (8 * megabyte)) + 4 * shards.length + 2;
}

const isWeights = (text: string) => /\.safetensors[ ?]/.test(text);

describe("from a web server", () => {
  const server = loopback();
  const names = () => server.requests.map((line) => line.replace(/^GET \/m\//, ""));

  test("models/tiny takes one request for each probed name, and one for its weights", async () => {
    server.handle = withRanges(tiny);
    await load(url(server.base));
    const head = "bytes=0-65535";
    const requested = names();
    expect(requested.slice(0, 7).sort()).toEqual(
      [
        `chat_template.jinja ${head}`,
        `config.json ${head}`,
        `generation_config.json ${head}`,
        `model.safetensors ${head}`,
        `model.safetensors.index.json ${head}`,
        `tokenizer.json ${head}`,
        `tokenizer_config.json ${head}`,
      ].sort(),
    );
    expect(requested.slice(7).map((line) => line.replace(/ .*/, ""))).toEqual(["model.safetensors"]);
  });

  test("a server that ignores ranges sends each file once, and files above a megabyte twice", async () => {
    server.handle = withoutRanges(tiny);
    await load(url(server.base));
    expect(names().filter((line) => line.startsWith("model.safetensors "))).toHaveLength(2);
    expect(server.requests).toHaveLength(8);
  });

  test("a mixture of 3,000 tensors takes requests for its megabytes and files only", async () => {
    const files = mixture(3);
    server.handle = withRanges(files);
    const reports = await load(url(server.base));
    const tensors = JSON.parse(new TextDecoder().decode(files["model.safetensors.index.json"]!));
    expect(Object.keys(tensors.weight_map).length).toBeGreaterThan(3000);
    const max = maxRequests(files);
    expect(names().filter(isWeights).length).toBeLessThanOrEqual(max);
    expect(server.requests.length).toBeLessThanOrEqual(max + 12);
    const { stage, loadedBytes, totalBytes } = reports.at(-1)!;
    expect([stage, loadedBytes]).toEqual(["weights", totalBytes]);
    expect(reports[0]!.loadedBytes).toBe(0);
  });
});

describe("from a hub, without a cache", () => {
  const server = hubServer();

  test("the same mixture takes no more requests", async () => {
    const files = mixture(2);
    server.files = files;
    await load(hub(server.id, { endpoint: server.endpoint }));
    const max = maxRequests(files);
    expect(server.lines("cdn").filter(isWeights).length).toBeLessThanOrEqual(max);
    // Each of these goes to the hub first, beside the listing, the configuration and the index.
    expect(server.lines("hub").length).toBeLessThanOrEqual(max + 4);
  });
});

test("a model is read in few pieces from any source", async () => {
  const files = mixture(2);
  const reads: number[] = [];
  const source = memory(files);
  await load({
    name: source.name,
    list: () => source.list(),
    open: async (name) => {
      const file = await source.open(name);
      return {
        name,
        size: file.size,
        read: (offset, length, signal) => {
          if (name.endsWith(".safetensors")) reads.push(length);
          return file.read(offset, length, signal);
        },
      };
    },
  });
  expect(reads.length).toBeLessThanOrEqual(maxRequests(files));
  expect(Math.max(...reads)).toBeLessThanOrEqual(8 * megabyte);
});
