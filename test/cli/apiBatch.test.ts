/** Batches in OpenAI's format: each line is a call of the HTTP API. */
import { afterAll, describe, expect, test } from "vitest";
import { Engine, type GenerateRequest } from "../../src/core/index.ts";
import { runToEnd } from "../suites/run.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { temporaryFolder } from "./folder.ts";
import { runTiny } from "./testIo.ts";

const folder = temporaryFolder();
const engine = Engine.load(cpuSurroundings.tinyModel, { backend: cpuSurroundings.backend });
afterAll(async () => (await engine).dispose());

interface ApiLine {
  readonly id: string;
  readonly custom_id: string;
  readonly response: {
    readonly status_code: number;
    readonly request_id: string;
    readonly body: Readonly<Record<string, unknown>>;
  } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

const call = (id: unknown, body: unknown, url = "/v1/chat/completions") => {
  return { custom_id: id, method: "POST", url, body };
};
const messages = [{ role: "user", content: "sort 42 17 90" }];
const model = "tiny";
const jsonLines = (values: readonly unknown[]) =>
  values.map((value) => `${JSON.stringify(value)}\n`).join("");

async function batch(lines: readonly unknown[], ...options: readonly string[]) {
  const output = folder.path();
  const input = folder.write(jsonLines(lines));
  const argv = ["batch", "--input", input, "--output", output, ...options];
  const ran = await runTiny(argv);
  return { ...ran, argv, output, results: folder.lines<ApiLine>(output) };
}
const contentOf = ({ response }: ApiLine) =>
  (response!.body["choices"] as { message: { content: string } }[])[0]!.message.content;
const usageOf = ({ response }: ApiLine) => response!.body["usage"] as Readonly<Record<string, number>>;

describe("a batch in OpenAI's format", () => {
  test("has results in the format of its lines", async () => {
    const lines = [
      call("chat", { model, messages }),
      call("text", { model, prompt: "json: mia", max_tokens: 8 }, "/v1/completions"),
      { id: "own", messages },
    ];
    const { code, results, stderr } = await batch(lines, "--concurrency", "1");
    expect(code).toBe(0);
    expect(stderr).toBe("3 of 3 requests done, 0 failed\n");
    const [chat, text, own] = results;
    expect(chat).toEqual({
      id: expect.stringMatching(/^batch_req_[0-9a-f]{32}$/),
      custom_id: "chat",
      response: {
        status_code: 200,
        request_id: expect.stringMatching(/./),
        body: expect.objectContaining({ object: "chat.completion", model }),
      },
      error: null,
    });
    expect(contentOf(chat!)).toBe("17 42 90");
    expect(text!.response!.body).toMatchObject({
      object: "text_completion",
      choices: [{ text: expect.any(String), finish_reason: expect.any(String) }],
    });
    expect(own).toMatchObject({ index: 2, id: "own", text: "17 42 90" });
  });

  test("reports a failed call with the API's response, and an invalid line with an error", async () => {
    const lines = [
      call("unknown", { model, messages, temperature: "hot" }),
      call("nowhere", { model, messages }, "/v1/embeddings"),
      call("stream", { model, messages, stream: true }),
      { ...call("get", {}), method: "GET" },
      { ...call("more", {}), priority: 1 },
      { custom_id: "bare", body: {} },
      call(7, {}),
      call("unknown", { model, messages }),
    ];
    const { code, results, stderr } = await batch(lines, "--concurrency", "1");
    expect(code).toBe(1);
    expect(stderr).toMatch(/First failure, request 0 \("unknown"\): Cannot [^\n]*'temperature'[^\n]*\n/);
    expect(stderr).toMatch(/\n8 of 8 requests done, 8 failed\n$/);
    expect(results[0]).toMatchObject({
      custom_id: "unknown",
      response: { status_code: 400, body: { error: { param: "temperature" } } },
      error: null,
    });
    expect(results[1]!.response!.status_code).toBe(404);
    const failures = results
      .slice(2, 6)
      .map(({ response, error }) => [response, error!.code, error!.message]);
    expect(failures).toEqual([
      [null, "invalid_request", expect.stringContaining("'body.stream' must not be true")],
      [null, "invalid_request", expect.stringContaining("'method' must be POST: found \"GET\"")],
      [null, "invalid_request", expect.stringContaining("'priority' is not a field of a call")],
      [null, "invalid_request", expect.stringContaining("'method' must be POST: found undefined")],
    ]);
    expect(results.slice(6)).toMatchObject([
      { index: 6, error: { message: expect.stringContaining("'custom_id' must be a string: found 7") } },
      {
        index: 7,
        error: { message: expect.stringContaining("an earlier request has the same 'custom_id'") },
      },
    ]);
  });

  test("uses the command line's options as defaults", async () => {
    const body = { model, messages };
    const options = ["--decoder", "fixed", "--steps", "5", "--gen-length", "16", "--block-length", "16"];
    const lines = [
      call("default", { ...body, temperature: null, diffusion: null }),
      call("own", { ...body, diffusion: { decoder: { name: "fixed", steps: 3 } } }),
      call("stop", { ...body, stop: "42" }),
      call("short", { ...body, max_completion_tokens: 2 }),
    ];
    const more = ["--system", "a system message", "--stop", "90", "--seed", "3", "--max-tokens", "4"];
    const { results } = await batch(lines, ...options, ...more, "--concurrency", "1");
    expect(results.map(({ response }) => response!.status_code)).toEqual([200, 200, 200, 200]);
    const system = { role: "system", content: "a system message" };
    const request: GenerateRequest = {
      messages: [system, ...messages],
      genLength: 16,
      blockLength: 16,
      stop: ["90"],
      maxTokens: 4,
      decoder: { name: "fixed", steps: 5 },
    };
    const { done } = await runToEnd(await engine, request);
    expect(contentOf(results[0]!)).toBe(done.text);
    expect(usageOf(results[0]!)["prompt_tokens"]).toBe(done.usage.promptTokens);
    const own = await runToEnd(await engine, { ...request, decoder: { name: "fixed", steps: 3 } });
    expect(contentOf(results[1]!)).toBe(own.done.text);
    expect(contentOf(results[2]!)).not.toContain("42");
    expect(usageOf(results[3]!)["completion_tokens"]).toBeLessThanOrEqual(2);
  });

  test("is answered by the model of --model, with a note about other model names", async () => {
    const lines = [call("a", { model: "gpt-4o-mini", messages }), call("b", { messages })];
    const { code, results, stderr } = await batch(lines);
    expect(code).toBe(0);
    expect(stderr).toContain(`Requests for "gpt-4o-mini" are answered by the model 'tiny' of --model.\n`);
    expect(results.map(({ response }) => response!.body["model"])).toEqual([model, model]);
  });

  test("resumes after an interruption at any point of the last line", async () => {
    const lines = ["a", "b", "c"].map((id) => call(id, { model, messages, max_tokens: 8 }));
    const whole = await batch(lines, "--concurrency", "1");
    const [first, second] = folder.read(whole.output).split(/(?<=\n)/);
    for (const cut of [0, 3, 9, 40, second!.length - 1]) {
      const output = folder.write(first! + second!.slice(0, cut));
      const argv = ["batch", "--input", folder.write(jsonLines(lines)), "--output", output];
      const { code, stderr } = await runTiny(argv);
      expect([code, stderr]).toEqual([0, "3 of 3 requests done, 0 failed, 1 from an earlier run\n"]);
      expect(folder.lines<ApiLine>(output).map((line) => [line.custom_id, contentOf(line)])).toEqual(
        expect.arrayContaining(["a", "b", "c"].map((id) => [id, "17 42 90"])),
      );
      expect(folder.read(output).startsWith(first!)).toBe(true);
    }
    const others = folder.write(jsonLines([call("x", { messages })]));
    const refused = await runTiny(["batch", "--input", others, "--output", whole.output]);
    expect(refused.stderr).toContain(`this input has no 'custom_id' "a"`);
    expect(refused.code).toBe(2);
  });
});
