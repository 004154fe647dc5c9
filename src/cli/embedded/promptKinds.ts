/** The kinds of prompt in the embedded model's training data, as described in models/tiny/README.md. */

export interface PromptKind {
  /** Matches the start of prompts that resemble this kind. */
  readonly start: RegExp;
  /** Matches a whole prompt of this kind. */
  readonly form: RegExp;
  readonly example: string;
  /** The accepted values, for the hint on a prompt that resembles this kind. */
  readonly limits: string;
}

const names = "ana|ben|eva|ida|leo|max|mia|sam|tom|zoe";
const animals = "bird|cat|dog|fox|frog|pony";
const colors = "black|blue|brown|green|red|white";
const things = "apples|books|cards|coins|pens|shells";
const places = "beach|farm|lake|park|school|shop";
const words =
  "candle|chair|cloud|forest|garden|lemon|orange|pencil|piano|river|robot|rocket|silver|stone|tiger|window";
const toTwenty = "[1-9]|1\\d|20";

const spaced = (list: string) => list.replaceAll("|", ", ");

export const promptKinds: readonly PromptKind[] = [
  {
    start: /^sort\b/i,
    form: /^sort(?:(?: \d){3,7}|(?: [1-9]\d){3,7})$/,
    example: "sort 42 17 90",
    limits: "three to seven numbers, all of one digit or all of two",
  },
  {
    start: /^reverse\b/i,
    form: new RegExp(`^reverse(?: (?:${words})){2,4}$`),
    example: "reverse river stone cloud",
    limits: `two to four of the words ${spaced(words)}`,
  },
  {
    start: /\bhow many\b/i,
    form: new RegExp(
      `^(?:${names}) has (?:${toTwenty}) (${things}), gets (?:${toTwenty}) more and gives away (?:[1-9]|[1-3]\\d)\\. how many \\1\\?$`,
    ),
    example: "tom has 12 apples, gets 5 more and gives away 3. how many apples?",
    limits: `two numbers to 20 and a third below their sum, the names ${spaced(names)}, and ${spaced(things)}`,
  },
  {
    start: /^json\b/i,
    form: new RegExp(`^json: (?:${names}) is [1-9]\\d? and has a (?:${colors}) (?:${animals})$`),
    example: "json: mia is 31 and has a red fox",
    limits: `the names ${spaced(names)}, an age below 100, a colour (${spaced(colors)}) and an animal (${spaced(animals)})`,
  },
  {
    start: /^py\b/i,
    form: new RegExp(
      `^py: (?:(?:multiply each by|keep those above|count those below|sum of those divisible by) (?:${toTwenty})|add (?:${toTwenty}) to each)$`,
    ),
    example: "py: add 3 to each",
    limits:
      "add N to each, multiply each by N, keep those above N, count those below N and sum of those divisible by N, with N to 20",
  },
  {
    start: /^story\b/i,
    form: new RegExp(`^story: (?:${names}), (?:${colors}) (?:${animals}), (?:${places})$`),
    example: "story: leo, blue bird, lake",
    limits: `a name (${spaced(names)}), a colour (${spaced(colors)}) with an animal (${spaced(animals)}), and a place (${spaced(places)})`,
  },
];

/** The kind of a whole prompt; undefined for any other text. */
export function kindOf(prompt: string): PromptKind | undefined {
  return promptKinds.find(({ form }) => form.test(prompt));
}
