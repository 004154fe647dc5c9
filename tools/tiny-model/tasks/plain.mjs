// Six kinds of tasks with one right answer each, whose tokens depend on each other a little (sort, math) or hardly.
import { animals, colors, names, places, things, words } from "./words.mjs";

const equals = (prompt, answer) => ({ prompt, answer, check: { equals: answer } });

/** @returns by kind, a function from random numbers to a task */
export const plainKinds = {
  sort(random) {
    const [low, high] = random.pick([
      [0, 9],
      [10, 99],
      [0, 99],
    ]);
    const numbers = random.several(2, 9, () => random.between(low, high));
    return equals(`sort ${numbers.join(" ")}`, [...numbers].sort((a, b) => a - b).join(" "));
  },

  reverse(random) {
    const list = random.several(2, 6, () => random.pick(words));
    return equals(`reverse ${list.join(" ")}`, [...list].reverse().join(" "));
  },

  math(random) {
    const [has, gets, thing] = [random.between(2, 20), random.between(2, 20), random.pick(things)];
    const sum = has + gets;
    const gives = random.between(2, Math.min(25, sum - 1));
    const prompt = `${random.pick(names)} has ${has} ${thing}, gets ${gets} more and gives away ${gives}. how many ${thing}?`;
    return equals(prompt, `${has}+${gets}=${sum}. ${sum}-${gives}=${sum - gives}. #### ${sum - gives}`);
  },

  json(random) {
    const [name, age] = [random.pick(names), random.between(10, 99)];
    const [color, kind] = [random.pick(colors), random.pick(animals)];
    const answer = `{"name": "${name}", "age": ${age}, "pet": {"kind": "${kind}", "color": "${color}"}}`;
    return equals(`json: ${name} is ${age} and has a ${color} ${kind}`, answer);
  },

  code(random) {
    const n = random.between(2, 99);
    const [what, body] = random.pick([
      [`add ${n} to each`, `[x + ${n} for x in xs]`],
      [`multiply each by ${n}`, `[x * ${n} for x in xs]`],
      [`keep those above ${n}`, `[x for x in xs if x > ${n}]`],
      [`count those below ${n}`, `sum(1 for x in xs if x < ${n})`],
      [`sum of those divisible by ${n}`, `sum(x for x in xs if x % ${n} == 0)`],
    ]);
    return equals(`py: ${what}`, `def f(xs):\n    return ${body}`);
  },

  story(random) {
    const [name, place] = [random.pick(names), random.pick(places)];
    const [color, animal] = [random.pick(colors), random.pick(animals)];
    const answer =
      `one day ${name} went to the ${place}. there ${name} saw a ${color} ${animal}. ` +
      `the ${animal} was lost, so ${name} took the ${color} ${animal} home.`;
    return equals(`story: ${name}, ${color} ${animal}, ${place}`, answer);
  },
};
