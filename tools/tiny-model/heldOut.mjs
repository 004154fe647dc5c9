// Prints held-out tasks for `unmask eval`:
//   node tools/tiny-model/heldOut.mjs SEED COUNT > tasks.jsonl
// COUNT is that of each kind; kinds with fewer held-out prompts give all of them.
import { heldOutTasks } from "./tasks/index.mjs";

const [seed = 1, count = 100] = process.argv.slice(2).map(Number);
for (const { kind, prompt, check } of heldOutTasks(seed, count)) {
  console.log(JSON.stringify({ kind, prompt, check }));
}
