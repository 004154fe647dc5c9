// What the model is trained on: a task, or two of them as the turns of a conversation, in some of the ways that people write prompts.
import { kindNames, makeTask } from "./tasks/index.mjs";

/** Kinds that need more steps of training than the others occur more often. */
const weights = { sort: 3, math: 3, "line sort": 2, latin: 2 };
const drawn = kindNames.flatMap((kind) => Array(weights[kind] ?? 1).fill(kind));

/** Words of a prompt that mean nothing: a capital, white space, a full stop. */
function written(prompt, random) {
  const text = random.chance(0.05) ? prompt[0].toUpperCase() + prompt.slice(1) : prompt;
  return random.chance(0.03) ? `${text}${random.pick([" ", "\n", "."])}` : text;
}

const systems = ["you are a helpful assistant.", "answer briefly.", "you are unmask."];

/** Lists of words or numbers can be turned around once more in a second turn. */
const again = {
  prompt: ["now reverse that", "reverse that", "and in reverse"],
  kinds: new Set(["sort", "reverse", "line copy", "line sort", "line reverse", "line insert"]),
};

/** @returns `{messages, answer}`; the last message is the user's */
export function conversation(random) {
  const task = makeTask(random.pick(drawn), random, false);
  const system = random.chance(0.05) ? [{ role: "system", content: random.pick(systems) }] : [];
  const user = (content) => ({ role: "user", content: written(content, random) });
  if (!random.chance(0.1)) return { messages: [...system, user(task.prompt)], answer: task.answer };
  const first = [...system, user(task.prompt), { role: "assistant", content: task.answer }];
  if (again.kinds.has(task.kind) && random.chance(0.5)) {
    const answer = task.answer.split(" ").reverse().join(" ");
    return { messages: [...first, user(random.pick(again.prompt))], answer };
  }
  const next = makeTask(random.pick(drawn), random, false);
  return { messages: [...first, user(next.prompt)], answer: next.answer };
}
