/** Sends streaming requests to a server with OpenAI's API, and checks each stream completely. */

/** Prompts that the embedded model knows. */
const prompts = [
  "sort 42 17 90",
  "reverse river stone cloud",
  "tom has 12 apples, gets 5 more and gives away 3. how many apples?",
  "json: mia is 31 and has a red fox",
  "py: add 3 to each",
  "sort 3 1 2",
];
const settings = [
  { diffusion: { canvas: 32 } },
  { diffusion: { canvas: 32, cache: { name: "dual" } } },
  { temperature: 0.7, seed: 11, diffusion: { canvas: 32, decoder: { name: "threshold", threshold: 0.8 } } },
  { diffusion: { canvas: 48, decoder: { name: "fixed", steps: 12 } }, max_tokens: 20 },
  { diffusion: { canvas: 64, cache: { name: "prefix" } }, stop: [" "] },
];

/** The request with an index, in a repeating mix of all prompts and settings. */
export function mixed(index) {
  const content = prompts[index % prompts.length];
  const rest = {
    ...settings[index % settings.length],
    stream: true,
    stream_options: { include_usage: true },
  };
  return index % 4 === 3
    ? { path: "/v1/completions", body: { prompt: content, ...rest } }
    : { path: "/v1/chat/completions", body: { messages: [{ role: "user", content }], ...rest } };
}
export const mixedCount = 30;

/**
 * Sends a request and reads its stream.
 * @returns the text, the number of tokens, and the time
 * @throws if the status is not 200, an event is an error or invalid, or the stream is incomplete
 */
export async function stream(url, { path, body }, { model = "embedded", signal } = {}) {
  const start = performance.now();
  const response = await fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, ...body }),
    signal,
  });
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  let text = "";
  let usage;
  const reasons = [];
  let done = false;
  for await (const data of eventsOf(response.body)) {
    if (done) throw new Error(`an event after the end: ${data}`);
    if (data === "[DONE]") {
      done = true;
      continue;
    }
    const event = JSON.parse(data);
    if (event.error) throw new Error(event.error.message);
    usage = event.usage ?? usage;
    for (const choice of event.choices) {
      text += choice.delta?.content ?? choice.text ?? "";
      if (choice.finish_reason) reasons.push(choice.finish_reason);
    }
  }
  if (!done || reasons.length !== 1 || !usage) {
    throw new Error(`an incomplete stream: ${JSON.stringify({ text, done, reasons, usage })}`);
  }
  return { text, tokens: usage.completion_tokens, ms: performance.now() - start };
}

/** The data of server-sent events. */
async function* eventsOf(body) {
  let rest = "";
  for await (const part of body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + part).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const lines = event
        .split("\n")
        .flatMap((line) => (line.startsWith("data:") ? [line.slice(5).trim()] : []));
      if (lines.length > 0) yield lines.join("\n");
    }
  }
  if (rest.trim() !== "") throw new Error(`a stream that ends within an event: ${rest}`);
}

/**
 * Keeps `count` concurrent streams running until `next` returns undefined. Equal requests must get equal answers.
 * @param next the index of the next request; undefined to end
 */
export async function keepStreaming(url, count, next, { answers = new Map(), requestOf = mixed } = {}) {
  const sum = { streams: 0, tokens: 0, errors: [] };
  const work = async () => {
    for (let index = next(); index !== undefined; index = next()) {
      try {
        const request = requestOf(index);
        const { text, tokens } = await stream(url, request);
        const key = JSON.stringify(request);
        const before = answers.get(key) ?? text;
        answers.set(key, before);
        if (before !== text)
          throw new Error(`the answer differs from an earlier one: ${JSON.stringify([before, text])}`);
        sum.streams++;
        sum.tokens += tokens;
      } catch (error) {
        sum.errors.push(error.cause ? `${error.message}: ${error.cause.message}` : error.message);
        // A server that has ended would cause thousands of errors per second.
        if (sum.errors.length > 100) return;
      }
    }
  };
  await Promise.all(Array.from({ length: count }, work));
  return sum;
}
