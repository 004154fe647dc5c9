/** Log-probabilities of the step that committed each token, in the format of each endpoint. */
import { expect, test } from "vitest";
import type { GenerateEvent } from "../../src/core/index.ts";
import { chatFormat } from "../../src/server/answer/chatFormat.ts";
import { Choices } from "../../src/server/answer/choice.ts";
import { completionFormat } from "../../src/server/answer/completionFormat.ts";
import { bytesOf } from "../../src/server/answer/format.ts";
import { streamChoice } from "../../src/server/generation/streamChoice.ts";
import { scripted, spelled } from "./support/scripted.ts";

/** Gives the token of each step the log-probability -step, and itself and `z` as alternatives. */
function withLogprobs(event: GenerateEvent): GenerateEvent {
  if (event.type !== "step") return event;
  const [token] = event.tokens;
  const top = [
    { token: token!, logprob: -event.step },
    { token: 122, logprob: -9 },
  ];
  return { ...event, logprobs: [{ logprob: -event.step, top }] };
}

async function answered(text: string) {
  const { handle, seen } = scripted({ events: (request) => spelled(request, text).map(withLogprobs) });
  const request = { tokens: [5], topLogprobs: 2 };
  const options = { signal: new AbortController().signal, steps: false };
  const choices = new Choices();
  const deltas: { text: string; tokens: readonly { text: string; logprob: number }[] }[] = [];
  for await (const part of streamChoice(handle, { index: 0, request, echo: "" }, options)) {
    choices.take(part);
    if (part.type === "delta") deltas.push(part);
  }
  return { seen, deltas, choice: choices.finished[0]! };
}

test("are requested from the engine, and returned with their text", async () => {
  const { seen, deltas } = await answered("hä");
  expect(seen[0]).toMatchObject({ topLogprobs: 2 });
  expect(deltas.map(({ text, tokens }) => [text, tokens.map((each) => [each.text, each.logprob])])).toEqual([
    ["h", [["h", -0]]],
    ["ä", [["ä", -1]]],
  ]);
});

test("chat has a token's bytes and alternatives", async () => {
  const { choice } = await answered("hä");
  const token = (text: string, logprob: number, bytes: number[]) => ({ token: text, logprob, bytes });
  const z = token("z", -9, [122]);
  expect(chatFormat(true).whole(choice)).toMatchObject({
    logprobs: {
      content: [
        { ...token("h", -0, [104]), top_logprobs: [token("h", -0, [104]), z] },
        { ...token("ä", -1, [195, 164]), top_logprobs: [token("ä", -1, [195, 164]), z] },
      ],
      refusal: null,
    },
  });
  expect(chatFormat(false).whole(choice)).toMatchObject({ logprobs: null });
});

test("completions have arrays with the offset of each token", async () => {
  const { choice, deltas } = await answered("hä");
  const format = completionFormat(true);
  expect(format.whole(choice)).toMatchObject({
    logprobs: {
      tokens: ["h", "ä"],
      token_logprobs: [-0, -1],
      top_logprobs: [
        { h: -0, z: -9 },
        { ä: -1, z: -9 },
      ],
      text_offset: [0, 1],
    },
  });
  const second = deltas.map(({ text, tokens }) => format.delta(0, text, tokens as never))[1];
  expect(second).toMatchObject({ text: "ä", logprobs: { tokens: ["ä"], text_offset: [1] } });
});

test("a token with a part of a character has its bytes", () => {
  expect(bytesOf("<0xC3>")).toEqual([0xc3]);
  expect(bytesOf("<0xE2><0x82>")).toEqual([0xe2, 0x82]);
  expect(bytesOf("€")).toEqual([0xe2, 0x82, 0xac]);
});
