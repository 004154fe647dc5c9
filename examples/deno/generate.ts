// Run: deno run -A examples/deno/generate.ts "sort 42 17 90"
import { Engine } from "unmask";
import { auto } from "unmask/auto";
import { embeddedModel } from "unmask/node";

const engine = await Engine.load(embeddedModel(), { backend: auto() });
const messages = [{ role: "user", content: Deno.args[0] ?? "sort 42 17 90" }];
for await (const event of engine.generate({ messages })) {
  if (event.type === "step") console.log(`step ${event.step}: ${event.positions.length} tokens`);
  if (event.type === "done") console.log(event.text);
}
await engine.dispose();
