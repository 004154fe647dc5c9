/** Loading, cancelling and disposing. */
import { describe, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine, type GenerateEvent, type GenerateRequest, type ModelSource } from "../../src/core/index.ts";
import { memory } from "../../src/sources/index.ts";
import { runToEnd } from "../suites/run.ts";
import { cpuSurroundings, tinyFiles } from "../support/surroundings.ts";

const { tinyModel } = cpuSurroundings;
const load = () => Engine.load(tinyModel, { backend: cpu() });
const slow: GenerateRequest = { prompt: "sort 3 1 2", genLength: 32, decoder: { name: "fixed", steps: 32 } };

async function collect(engine: Engine, request: GenerateRequest, signal?: AbortSignal) {
  const events: GenerateEvent[] = [];
  for await (const event of engine.generate(request, signal ? { signal } : {})) events.push(event);
  return events;
}

describe("events", () => {
  test("are plain data, in order, and add up to the answer", async () => {
    const engine = await load();
    const events = await collect(engine, {
      messages: [{ role: "user", content: "reverse river stone cloud" }],
    });
    expect(structuredClone(events)).toEqual(events);
    expect(events[0]?.type).toBe("start");
    expect(events.at(-1)?.type).toBe("done");
    const done = events.at(-1) as Extract<GenerateEvent, { type: "done" }>;
    expect(done.text).toBe("cloud stone river");
    const blocks = events.filter((event) => event.type === "block");
    expect(blocks.map((block) => block.text).join("")).toBe(done.text);
    const steps = events.filter((event) => event.type === "step");
    expect(done.usage.forwards).toBe(steps.length);
    expect(done.usage.completionTokens).toBe(done.tokens.length);
    expect(done.usage.tokensPerForward).toBeCloseTo(done.tokens.length / steps.length);
    for (const step of steps) expect(step.texts).toHaveLength(step.tokens.length);
    await engine.dispose();
  });

  test("a stop string ends the answer before it, and the blocks after it are not decoded", async () => {
    const engine = await load();
    const messages = [{ role: "user", content: "story: leo, blue bird, lake" }];
    const whole = await runToEnd(engine, { messages, blockLength: 16 });
    const cut = await runToEnd(engine, { messages, blockLength: 16, stop: ["lake", "zzz"] });
    expect(whole.done.text).toContain("lake");
    expect(cut.done.text).toBe(whole.done.text!.slice(0, whole.done.text!.indexOf("lake")));
    expect(cut.done.reason).toBe("stop");
    expect(cut.steps.length).toBeLessThan(whole.steps.length);
    await engine.dispose();
  });

  test("an answer that never stops has exactly the length asked for", async () => {
    const engine = await load();
    const { done } = await runToEnd(engine, {
      prompt: "abc",
      genLength: 13,
      blockLength: 5,
      overrides: { stopTokens: [103] },
    });
    expect(done.reason).toBe("length");
    expect(done.tokens).toHaveLength(13);
    await engine.dispose();
  });
});

describe("cancelling", () => {
  test("by signal stops within one step, tells why, and leaves the engine usable", async () => {
    const engine = await load();
    const controller = new AbortController();
    let steps = 0;
    const run = (async () => {
      for await (const event of engine.generate(slow, { signal: controller.signal })) {
        if (event.type === "step" && ++steps === 3) controller.abort(new Error("enough"));
      }
    })();
    await expect(run).rejects.toMatchObject({ code: "aborted", cause: new Error("enough") });
    expect(steps).toBeLessThanOrEqual(4);
    expect((await runToEnd(engine, slow)).done.type).toBe("done");
    await engine.dispose();
  });

  test("by leaving the loop frees the place in the pool", async () => {
    const engine = await Engine.load(tinyModel, { backend: cpu(), context: 60, cachePositions: 60 });
    for (let round = 0; round < 5; round++) {
      for await (const event of engine.generate(slow)) if (event.type === "step") break;
    }
    expect((await runToEnd(engine, slow)).done.type).toBe("done");
    await engine.dispose();
  });

  test("works on requests that still wait for a place", async () => {
    const engine = await Engine.load(tinyModel, { backend: cpu(), context: 60, cachePositions: 60 });
    const controller = new AbortController();
    const first = runToEnd(engine, slow);
    const waiting = collect(engine, slow, controller.signal);
    const last = runToEnd(engine, slow);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "aborted" });
    expect((await last).done.canvas).toEqual((await first).done.canvas);
    await engine.dispose();
  });

  test("a signal that has fired already starts nothing", async () => {
    const engine = await load();
    await expect(collect(engine, slow, AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
    await engine.dispose();
  });
});

describe("loading", () => {
  test("reports its progress to the last byte", async () => {
    const seen: number[] = [];
    let total = 0;
    const engine = await Engine.load(tinyModel, {
      backend: cpu(),
      onProgress: ({ loadedBytes, totalBytes }) => {
        seen.push(loadedBytes);
        total = totalBytes;
      },
    });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(total);
    await engine.dispose();
  });

  test("stops when it is aborted", async () => {
    const controller = new AbortController();
    const loading = Engine.load(tinyModel, {
      backend: cpu(),
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(loading).rejects.toMatchObject({ code: "aborted" });
  });

  test("is planned without reading weights", async () => {
    let read = 0;
    const counting: ModelSource = {
      name: "counting",
      list: (signal) => tinyModel.list(signal),
      open: async (name, signal) => {
        const file = await tinyModel.open(name, signal);
        return {
          name: file.name,
          size: file.size,
          read: (offset, length, readSignal) => {
            if (name.endsWith(".safetensors")) read += length;
            return file.read(offset, length, readSignal);
          },
        };
      },
    };
    const plan = await Engine.plan(counting);
    expect(plan.model.family).toBe("LLaDA-MoE");
    expect(plan.checkpointBytes).toBeGreaterThan(3_700_000);
    expect(plan.weightBytes).toBe(plan.parameters * 4);
    expect(read).toBeLessThan(100_000);
  });

  const changed = (changes: Record<string, (fields: Record<string, unknown>) => void>) => async () => {
    const files: Record<string, Uint8Array | string> = await tinyFiles();
    for (const [name, change] of Object.entries(changes)) {
      const fields = JSON.parse(new TextDecoder().decode(files[name] as Uint8Array));
      change(fields);
      files[name] = JSON.stringify(fields);
    }
    return Engine.load(memory(files), { backend: cpu() });
  };
  const config = (change: (fields: Record<string, unknown>) => void) => changed({ "config.json": change });
  const broken: readonly (readonly [string, () => Promise<Engine>, string, RegExp])[] = [
    [
      "an unknown family",
      config((c) => Object.assign(c, { architectures: ["GPT"], model_type: "gpt" })),
      "unsupported",
      /one of LLaDA, LLaDA-MoE, .+: found GPT, gpt/,
    ],
    [
      "a missing field",
      config((c) => delete c["hidden_size"]),
      "invalid-file",
      /lacks 'hidden_size': expected a positive integer/,
    ],
    [
      "a field of a wrong type",
      config((c) => Object.assign(c, { hidden_size: "128" })),
      "invalid-file",
      /'hidden_size'.*found "128"/,
    ],
    [
      "a shape that the weights do not have",
      config((c) => Object.assign(c, { expert_intermediate_size: 64 })),
      "invalid-weights",
      /experts\.0/,
    ],
    [
      "more layers than any model has",
      config((c) => Object.assign(c, { num_hidden_layers: 2 ** 53 - 1 })),
      "invalid-file",
      /'num_hidden_layers': expected a positive integer up to 1024, found 9007199254740991/,
    ],
    [
      "more experts than any model has",
      config((c) => Object.assign(c, { num_experts: 2 ** 40 })),
      "invalid-file",
      /'num_experts'/,
    ],
    [
      "a context that no memory holds",
      config((c) => Object.assign(c, { max_position_embeddings: 2 ** 53 - 1 })),
      "out-of-memory",
      /rotary positions as there is no memory for its \d+ bytes/,
    ],
    [
      "a missing tensor",
      config((c) => Object.assign(c, { num_hidden_layers: 5, moe_layer_freq: [1, 1, 1, 1, 1] })),
      "invalid-weights",
      /'model\.layers\.4\..*' is missing/,
    ],
    [
      "tensors that nothing reads",
      config((c) => Object.assign(c, { num_hidden_layers: 3, moe_layer_freq: [1, 1, 1] })),
      "invalid-weights",
      /model\.layers\.3/,
    ],
    [
      "an unsupported activation",
      config((c) => Object.assign(c, { hidden_act: "gelu" })),
      "unsupported",
      /'hidden_act'.*"gelu"/,
    ],
    [
      "a mask token on which files disagree",
      config((c) => Object.assign(c, { mask_token_id: 7 })),
      "invalid-file",
      /disagree on the mask token: found 7 and 1/,
    ],
    [
      "a mask token beyond the vocabulary",
      changed({
        "config.json": (c) => Object.assign(c, { mask_token_id: 200 }),
        "generation_config.json": (c) => delete c["mask_token_id"],
        "tokenizer_config.json": (c) => delete c["mask_token"],
      }),
      "invalid-file",
      /mask token/,
    ],
    [
      "a tokenizer without the mask token",
      changed({
        "config.json": (c) => Object.assign(c, { mask_token_id: 102 }),
        "generation_config.json": (c) => delete c["mask_token_id"],
        "tokenizer_config.json": (c) => delete c["mask_token"],
        "tokenizer.json": (c) => {
          for (const token of c["added_tokens"] as { content: string }[])
            if (token.content === "<|mask|>") token.content = "<|gap|>";
          const { vocab } = c["model"] as { vocab: Record<string, number> };
          delete vocab["<|mask|>"];
          vocab["<|gap|>"] = 1;
        },
      }),
      "invalid-file",
      /tokenizer has no mask token: expected one with id 102/,
    ],
    [
      "a context that the model does not have",
      () => Engine.load(tinyModel, { backend: cpu(), context: 513 }),
      "invalid-request",
      /'context' must be at most its 512/,
    ],
    ["an empty source", () => Engine.load(memory({}), { backend: cpu() }), "not-found", /config\.json/],
  ];
  test.each([
    ["is not UTF-8", Uint8Array.of(0xff), /chat_template\.jinja' as it is not valid UTF-8/],
    ["cannot be parsed", "{% for %}", /^Cannot parse the chat template: /],
  ])("a chat template that %s is a reason not to chat alone", async (_, template, problem) => {
    const files = { ...(await tinyFiles()), "chat_template.jinja": template };
    const engine = await Engine.load(memory(files), { backend: cpu() });
    try {
      const { hasTokenizer, hasChatTemplate, chatTemplateProblem } = engine.info;
      expect({ hasTokenizer, hasChatTemplate }).toEqual({ hasTokenizer: true, hasChatTemplate: false });
      expect(chatTemplateProblem).toMatch(problem);
      for await (const event of engine.generate({ prompt: "sort 3 1 2", genLength: 4 }))
        if (event.type === "done") expect(event.tokens.length).toBeLessThanOrEqual(4);
      for await (const event of engine.generate({ infill: ["a", { length: 1 }] }))
        if (event.type === "done") expect(event.holes).toHaveLength(1);
      const messages = [{ role: "user", content: "a" }];
      const refused = {
        code: "text",
        message: expect.stringMatching(
          /^Cannot render messages as the model's chat template cannot be used: /,
        ),
        cause: expect.objectContaining({ message: expect.stringMatching(problem) }),
      };
      await expect(engine.generate({ messages }).next()).rejects.toMatchObject(refused);
      await expect(engine.tokenize(messages)).rejects.toMatchObject(refused);
    } finally {
      await engine.dispose();
    }
  });

  test.each(broken)("refuses %s", async (_, attempt, code, message) => {
    const error = await attempt().catch((cause: unknown) => cause);
    expect(error).toMatchObject({ name: "DiffusionError", code });
    expect((error as Error).message).toMatch(message);
  });
});

test("disposing ends what runs and what waits, and refuses what comes after", async () => {
  const engine = await load();
  const running = [collect(engine, slow), collect(engine, slow)];
  await new Promise((resolve) => setTimeout(resolve, 5));
  const outcomes = Promise.allSettled(running);
  await engine.dispose();
  await engine.dispose();
  for (const outcome of await outcomes) {
    expect(outcome).toMatchObject({ status: "rejected", reason: { code: "disposed" } });
  }
  await expect(collect(engine, slow)).rejects.toMatchObject({ code: "disposed" });
  await expect(engine.logits([5])).rejects.toMatchObject({ code: "disposed" });
});
