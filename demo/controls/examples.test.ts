/** The embedded model answers each example rightly with the page's settings as they are. */
import { beforeAll, expect, test, vi } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine } from "../../src/core/index.ts";
import { embeddedModel } from "../../src/sources/embedded.ts";
import { examples } from "./examples.ts";

let engine: Engine;
let applyExample: typeof import("./promptState.ts").applyExample;
let nextRequest: typeof import("./promptState.ts").nextRequest;
beforeAll(async () => {
  // Other tests change the settings.
  vi.resetModules();
  ({ applyExample, nextRequest } = await import("./promptState.ts"));
  engine = await Engine.load(embeddedModel(), { backend: cpu() });
  return () => engine.dispose();
});

/** By label: the right answer, or whether an answer is right. */
const rightAnswers: Readonly<Record<string, string | ((text: string) => boolean)>> = {
  Story:
    "one day leo went to the lake. there leo saw a blue bird. the bird was lost, so leo took the blue bird home.",
  "Fill the gaps":
    "one day mia went to the farm. there mia saw a red fox. the fox was lost, so mia took the red fox home.",
  JSON: '{"name": "mia", "age": 31, "pet": {"kind": "fox", "color": "red"}}',
  "JSON gaps": '{"name": "eva", "age": 46, "pet": {"kind": "dog", "color": "white"}}',
  Python: "def f(xs):\n    return [x for x in xs if x > 7]",
  "Python gap": "def f(xs):\n    return [x + 3 for x in xs]",
  Sort: "8 17 42 63 90",
  Reverse: "cloud stone river",
  "Waiting line": (text) =>
    text.split(" ").includes("leo") && text.replace(/ ?leo ?/, " ").trim() === "ana tom kim zoe",
  "Word problem": "12+5=17. 17-3=14. #### 14",
};

test.each(examples)("$label", async (example) => {
  applyExample(example);
  let text: string | undefined;
  for await (const event of engine.generate(nextRequest(engine.info))) {
    if (event.type === "done") text = event.text;
  }
  const right = rightAnswers[example.label]!;
  if (typeof right === "string") expect(text).toBe(right);
  else expect([text, right(text!)]).toEqual([text, true]);
});

test("an example's prompt that is changed has no pinned text", () => {
  applyExample(examples.find(({ infill }) => infill !== undefined)!);
  expect(nextRequest(engine.info).infill).toBeDefined();
  applyExample(examples[0]!);
  expect(nextRequest(engine.info).infill).toBeUndefined();
});
