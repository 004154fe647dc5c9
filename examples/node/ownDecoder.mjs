// A custom decoder in ten lines. Run: node examples/node/ownDecoder.mjs
import { decoder, Engine } from "unmask";
import { cpu } from "unmask/cpu";
import { embeddedModel } from "unmask/node";

const confidentHalf = decoder({
  name: "confidentHalf",
  help: "Commits the more confident half of the open positions.",
  source: "an example",
  parameters: {},
  commit({ open, token, confidence }, _parameters, out) {
    const order = [...open].sort((a, b) => confidence[b] - confidence[a]);
    for (const offset of order.slice(0, Math.ceil(order.length / 2))) out.commit(offset, token[offset]);
  },
});

const engine = await Engine.load(embeddedModel(), { backend: cpu(), decoders: [confidentHalf] });
const messages = [{ role: "user", content: "reverse river stone cloud" }];
for await (const event of engine.generate({ messages, decoder: { name: "confidentHalf" } })) {
  if (event.type === "step") console.log(`${event.openCount} open, ${event.positions.length} committed`);
  if (event.type === "done") console.log(event.text);
}
await engine.dispose();
