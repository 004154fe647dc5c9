/** The kinds of prompt in the embedded model's training data, as described in models/small/README.md. */

export interface PromptKind {
  /** Matches the start of prompts that resemble this kind. */
  readonly start: RegExp;
  /** Matches a whole prompt of this kind. */
  readonly form: RegExp;
  readonly example: string;
  /** The accepted values, for the hint on a prompt that resembles this kind. */
  readonly limits: string;
  /** Whether the answer is a list that a second turn can reverse. */
  readonly isList?: boolean;
}

const names =
  "ada|ana|ben|eva|fay|gus|hal|ian|ida|joe|kim|leo|liz|max|mia|nat|pia|ray|sam|tom|uma|vic|wes|zoe";
const animals = "bird|cat|dog|fox|frog|pony";
const colors = "black|blue|brown|green|red|white";
const things = "apples|books|cards|coins|pens|shells";
const places = "beach|farm|lake|park|school|shop";
const words =
  "candle|chair|cloud|forest|garden|lemon|orange|pencil|piano|river|robot|rocket|silver|stone|tiger|window";
const toTwenty = "[2-9]|1\\d|20";
const twoDigits = "[1-9]\\d";
const toNinetyNine = `[2-9]|${twoDigits}`;

const spaced = (list: string) => list.replaceAll("|", ", ");

export const promptKinds: readonly PromptKind[] = [
  {
    start: /^sort\b/i,
    form: new RegExp(`^sort(?: (?:\\d|${twoDigits})){2,9}$`),
    example: "sort 42 17 90 8",
    limits: "two to nine numbers below 100",
    isList: true,
  },
  {
    start: /^reverse\b/i,
    form: new RegExp(`^reverse(?: (?:${words})){2,6}$`),
    example: "reverse river stone cloud",
    limits: `two to six of the words ${spaced(words)}`,
    isList: true,
  },
  {
    start: /\bhow many\b/i,
    form: new RegExp(
      `^(?:${names}) has (?:${toTwenty}) (${things}), gets (?:${toTwenty}) more and gives away (?:[2-9]|1\\d|2[0-5])\\. how many \\1\\?$`,
    ),
    example: "tom has 12 apples, gets 5 more and gives away 3. how many apples?",
    limits: `two numbers from 2 to 20 and a third from 2 to 25 that is below their sum, the names ${spaced(names)}, and ${spaced(things)}`,
  },
  {
    start: /^json\b/i,
    form: new RegExp(`^json: (?:${names}) is ${twoDigits} and has a (?:${colors}) (?:${animals})$`),
    example: "json: mia is 31 and has a red fox",
    limits: `the names ${spaced(names)}, an age from 10 to 99, a colour (${spaced(colors)}) and an animal (${spaced(animals)})`,
  },
  {
    start: /^py\b/i,
    form: new RegExp(
      `^py: (?:(?:multiply each by|keep those above|count those below|sum of those divisible by) (?:${toNinetyNine})|add (?:${toNinetyNine}) to each)$`,
    ),
    example: "py: add 3 to each",
    limits:
      "add N to each, multiply each by N, keep those above N, count those below N and sum of those divisible by N, with N from 2 to 99",
  },
  {
    start: /^story\b/i,
    form: new RegExp(`^story: (?:${names}), (?:${colors}) (?:${animals}), (?:${places})$`),
    example: "story: leo, blue bird, lake",
    limits: `a name (${spaced(names)}), a colour (${spaced(colors)}) with an animal (${spaced(animals)}), and a place (${spaced(places)})`,
  },
  {
    start: /^line\b/i,
    form: new RegExp(
      `^line(?: (?:${names})){3,6}: (?:copy|reverse|sort|shuffle|insert (?:${names}) (?:at [1-7]|anywhere)|remove (?:[1-6]|any)|replace (?:[1-6]|any) by (?:${names}))$`,
    ),
    example: "line ana tom kim: insert leo at 2",
    limits: `three to six different names of ${spaced(names)}, and copy, reverse, sort, shuffle, insert NAME at N, insert NAME anywhere, remove N, remove any, replace N by NAME or replace any by NAME`,
    isList: true,
  },
  {
    start: /^latin\b/i,
    form: /^latin square of [1-9](?: [1-9]){2,3}$/,
    example: "latin square of 1 2 3 4",
    limits: "three or four different digits from 1 to 9 in their order",
  },
];

/** Turns of the conversations that the model was trained on, at most: two prompts, or a list and its reverse. */
export const maxTurns = 2;
export const followUp = /^(?:now reverse that|reverse that|and in reverse)[ \n.]?$/i;
export const systemMessages = ["you are a helpful assistant.", "answer briefly.", "you are unmask."] as const;

/** The kind of a whole prompt; undefined for any other text. The first letter may be a capital, and a full stop may follow. */
export function kindOf(prompt: string): PromptKind | undefined {
  const plain = (prompt.charAt(0).toLowerCase() + prompt.slice(1)).replace(/[ \n.]$/, "");
  return promptKinds.find(({ form }) => form.test(plain) || form.test(prompt));
}
