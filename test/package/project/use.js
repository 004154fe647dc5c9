// What a first program does, in Node and in Deno.
import { Engine } from "unmask";
import { auto } from "unmask/auto";
import { embeddedModel } from "unmask/node";

const onPick = (what, why) => console.log(what, why);
const engine = await Engine.load(embeddedModel(), { backend: auto({ onPick }) });
const messages = [{ role: "user", content: "reverse river stone" }];
for await (const event of engine.generate({ messages })) if (event.type === "done") console.log(event.text);
await engine.dispose();
