// Run: npx vite examples/browser, and open the address that it prints; `?prompt=sort 42 17 90` sets the prompt.
import { Engine } from "unmask";
import { cpu } from "unmask/cpu";
import { url } from "unmask/sources";
import { openGpu, webgpu } from "unmask/webgpu";

const adapter = await (await openGpu())?.requestAdapter();
const engine = await Engine.load(url("tiny/"), { backend: adapter ? webgpu() : cpu() });
document.querySelector("#device")!.textContent = engine.device;
const answer = document.querySelector("#answer")!;
const content = new URLSearchParams(location.search).get("prompt") ?? "reverse river stone cloud";
let cells: string[] = [];
for await (const event of engine.generate({ messages: [{ role: "user", content }] })) {
  if (event.type === "start") cells = event.canvas.map((_, index) => (index < event.promptTokens ? "" : "░"));
  if (event.type === "step")
    for (const [i, at] of event.positions.entries()) cells[at] = event.texts?.[i] ?? "";
  answer.textContent = event.type === "done" ? (event.text ?? "") : cells.join("");
}
