// ParallelBench's waiting line (arXiv 2510.04767): people in a queue, and what happens to it. Copy, reverse, sort and changes at a
// given place have one right answer, each of whose words follows from the prompt alone. Shuffle and changes at any place have many,
// and no word can be chosen without the others: there parallel decoding has to fail where it looks at each position alone.
import { names } from "./words.mjs";

const equals = (answer) => ({ answer, check: { equals: answer.join(" ") } });
const oneOf = (answer, all) => ({
  answer,
  check: { matches: `^(?:${all.map((line) => line.join(" ")).join("|")})\\s*$` },
});
const places = (line) => line.map((_, index) => index);
const inserted = (line, at, name) => line.toSpliced(at, 0, name);
const replaced = (line, at, name) => line.with(at, name);
const removed = (line, at) => line.toSpliced(at, 1);

/** Each takes the line, somebody who is not in it, and random numbers. @returns what happens in words, an answer, and the check */
const events = {
  copy: (line) => ["copy", equals(line)],
  reverse: (line) => ["reverse", equals([...line].reverse())],
  sort: (line) => ["sort", equals([...line].sort())],
  shuffle(line, _, random) {
    const answer = random.shuffled(line);
    const each = line.map((name) => `(?=(?:\\w+ )*${name}\\b)`).join("");
    return ["shuffle", { answer, check: { matches: `^${each}\\w+(?: \\w+){${line.length - 1}}\\s*$` } }];
  },
  insert(line, name, random) {
    const at = random.between(0, line.length);
    return [`insert ${name} at ${at + 1}`, equals(inserted(line, at, name))];
  },
  insertAnywhere(line, name, random) {
    const all = [...places(line), line.length].map((at) => inserted(line, at, name));
    return [`insert ${name} anywhere`, oneOf(random.pick(all), all)];
  },
  remove(line, _, random) {
    const at = random.between(0, line.length - 1);
    return [`remove ${at + 1}`, equals(removed(line, at))];
  },
  removeAny(line, _, random) {
    const all = places(line).map((at) => removed(line, at));
    return ["remove any", oneOf(random.pick(all), all)];
  },
  replace(line, name, random) {
    const at = random.between(0, line.length - 1);
    return [`replace ${at + 1} by ${name}`, equals(replaced(line, at, name))];
  },
  replaceAny(line, name, random) {
    const all = places(line).map((at) => replaced(line, at, name));
    return [`replace any by ${name}`, oneOf(random.pick(all), all)];
  },
};

/** By kind: `line copy` and so on. */
export const lineKinds = Object.fromEntries(
  Object.entries(events).map(([event, happen]) => [
    `line ${event.replace(/[A-Z]/, (letter) => ` ${letter.toLowerCase()}`)}`,
    (random) => {
      const [name, ...line] = random.sample(names, random.between(4, 7));
      const [words, { answer, check }] = happen(line, name, random);
      return { prompt: `line ${line.join(" ")}: ${words}`, answer: answer.join(" "), check };
    },
  ]),
);
