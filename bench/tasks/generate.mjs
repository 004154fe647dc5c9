// Generates tasks of the kinds that models/tiny knows, without those of oracle.jsonl:
//   node bench/tasks/generate.mjs SEED COUNT > models/tiny/tasks.jsonl
// The file in models/tiny has seed 1 and 20 tasks of each kind; a test checks this.
import { readFileSync } from "node:fs";
import { Random } from "../../tools/tiny-model/random.mjs";

const names = ["ana", "ben", "eva", "ida", "leo", "max", "mia", "sam", "tom", "zoe"];
const animals = ["bird", "cat", "dog", "fox", "frog", "pony"];
const colors = ["black", "blue", "brown", "green", "red", "white"];
const things = ["apples", "books", "cards", "coins", "pens", "shells"];
const places = ["beach", "farm", "lake", "park", "school", "shop"];
const words =
  "candle chair cloud forest garden lemon orange pencil piano river robot rocket silver stone tiger window".split(
    " ",
  );

const random = new Random(Number(process.argv[2] ?? 1));
const count = Number(process.argv[3] ?? 20);
const between = (low, high) => random.between(low, high);
const pick = (list) => random.pick(list);
const several = (low, high, make) => random.several(low, high, make);

const kinds = {
  sort: () => {
    const numbers = random.chance(0.5)
      ? several(3, 7, () => between(0, 9))
      : several(3, 7, () => between(10, 99));
    return [`sort ${numbers.join(" ")}`, [...numbers].sort((a, b) => a - b).join(" ")];
  },
  reverse: () => {
    const list = several(2, 4, () => pick(words));
    return [`reverse ${list.join(" ")}`, [...list].reverse().join(" ")];
  },
  math: () => {
    const [has, gets, thing] = [between(2, 20), between(2, 20), pick(things)];
    const gives = between(2, Math.min(25, has + gets - 1));
    const sum = has + gets;
    const prompt = `${pick(names)} has ${has} ${thing}, gets ${gets} more and gives away ${gives}. how many ${thing}?`;
    return [prompt, `${has}+${gets}=${sum}. ${sum}-${gives}=${sum - gives}. #### ${sum - gives}`];
  },
  json: () => {
    const [name, age, color, kind] = [pick(names), between(10, 99), pick(colors), pick(animals)];
    const answer = `{"name": "${name}", "age": ${age}, "pet": {"kind": "${kind}", "color": "${color}"}}`;
    return [`json: ${name} is ${age} and has a ${color} ${kind}`, answer];
  },
  code: () => {
    const n = between(2, 20);
    const [what, body] = pick([
      [`add ${n} to each`, `[x + ${n} for x in xs]`],
      [`multiply each by ${n}`, `[x * ${n} for x in xs]`],
      [`keep those above ${n}`, `[x for x in xs if x > ${n}]`],
      [`count those below ${n}`, `sum(1 for x in xs if x < ${n})`],
      [`sum of those divisible by ${n}`, `sum(x for x in xs if x % ${n} == 0)`],
    ]);
    return [`py: ${what}`, `def f(xs):\n    return ${body}`];
  },
  story: () => {
    const [name, color, animal, place] = [pick(names), pick(colors), pick(animals), pick(places)];
    const answer =
      `one day ${name} went to the ${place}. there ${name} saw a ${color} ${animal}. ` +
      `the ${animal} was lost, so ${name} took the ${color} ${animal} home.`;
    return [`story: ${name}, ${color} ${animal}, ${place}`, answer];
  },
};

const known = new Set(
  readFileSync(new URL("oracle.jsonl", import.meta.url), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).prompt),
);
for (const [kind, make] of Object.entries(kinds)) {
  for (let made = 0, tries = 0; made < count; tries++) {
    if (tries > 1000 * count) {
      console.error(`Cannot make ${count} new tasks of kind '${kind}': found ${made}`);
      process.exit(1);
    }
    const [prompt, equals] = make();
    if (known.has(prompt)) continue;
    known.add(prompt);
    made++;
    console.log(JSON.stringify({ kind, prompt, check: { equals } }));
  }
}
