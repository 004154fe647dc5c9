import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine } from "../../src/core/index.ts";
import { embeddedModel } from "../../src/node.ts";
import { runToEnd } from "../suites/run.ts";

/** What the model that comes with the package answers, whichever that is, in this process. */
export async function embeddedAnswer(content: string): Promise<string | undefined> {
  const engine = await Engine.load(embeddedModel(), { backend: cpu() });
  const { done } = await runToEnd(engine, { messages: [{ role: "user", content }] });
  await engine.dispose();
  return done.text;
}
