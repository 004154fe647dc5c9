/** Runs of models/tiny as turns: those that end, that are cancelled, and that others take the place of. */
import { beforeAll, beforeEach, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine } from "../../src/core/index.ts";
import { tinyModel } from "../../test/support/tinyModel.ts";
import { conversation, isChatting } from "../chat/index.ts";
import { cancelRun, run, startRuns } from "../engine/runState.ts";
import { clearConversation, followAgain, followTurn } from "./chatTurns.ts";
import { againRequest, nextRequest, prompt, writePrompt } from "./promptState.ts";
import { change, shared } from "./settings.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.load(tinyModel(), { backend: cpu() });
  const request = { blockLength: 32 };
  shared.value = { genLength: 32 };
  change(
    { decoder: { name: "hierarchical" }, cache: { name: "none" }, smoothing: null, request },
    engine.info,
  );
  return () => engine.dispose();
});
beforeEach(() => {
  isChatting.value = true;
  clearConversation();
});

function send(text: string): Promise<void> {
  writePrompt(text);
  return followTurn(startRuns(engine, [nextRequest(engine.info)]));
}

/** Generates the word at the start of the present answer again. */
function again(): Promise<void> {
  const { request, recording } = run.value!;
  const infill = [{ length: 5 }, " stone river", [0]];
  return followAgain(recording, startRuns(engine, [againRequest(request, infill)]));
}

const turns = () => conversation.value.turns.map(({ prompt, answer }) => [prompt, answer]);
const reverse = "reverse river stone cloud";

test("a run is a turn, and the next one goes on", async () => {
  await send(reverse);
  expect(turns()).toEqual([[reverse, "cloud stone river"]]);
  expect(prompt.value).toBe("");
  await send("sort 4 2 9");
  expect(run.value?.request.messages).toHaveLength(3);
  expect(turns()).toHaveLength(2);
});

test("a cancelled run leaves no turn, and gives its prompt back unless another is being written", async () => {
  await send(reverse);
  let ended = send("sort 4 2 9");
  expect(turns().at(-1)).toEqual(["sort 4 2 9", undefined]);
  cancelRun();
  await ended;
  expect(turns()).toHaveLength(1);
  expect(prompt.value).toBe("sort 4 2 9");
  ended = send("sort 4 2 9");
  writePrompt("sort 5 5 1");
  cancelRun();
  await ended;
  expect(prompt.value).toBe("sort 5 5 1");
});

test("a run that takes the place of another one has the turn", async () => {
  const first = send("sort 4 2 9");
  const second = send(reverse);
  await Promise.all([first, second]);
  expect(turns()).toEqual([[reverse, "cloud stone river"]]);
});

test("an answer that is generated again takes the place of the last one; cancelled, it changes nothing", async () => {
  await send(reverse);
  conversation.value = { ...conversation.value, turns: [{ prompt: reverse, answer: "before" }] };
  const ended = again();
  cancelRun();
  await ended;
  expect(turns()).toEqual([[reverse, "before"]]);
  await again();
  expect(turns()).toEqual([[reverse, "cloud stone river"]]);
});

test("a conversation that is cleared has no turn of the run that goes on", async () => {
  const ended = send(reverse);
  clearConversation();
  await ended;
  expect(turns()).toEqual([]);
});

test("a single prompt is no turn", async () => {
  isChatting.value = false;
  await send(reverse);
  expect(run.value?.request.messages).toHaveLength(1);
  expect(turns()).toEqual([]);
  expect(prompt.value).toBe(reverse);
});
