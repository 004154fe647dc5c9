import fc from "fast-check";
import { expect, test } from "vitest";
import { begin, clear, complete, drop, emptyConversation, messagesOf } from "./conversation.ts";

const first = complete(begin(emptyConversation, "sort 2 1"), "1 2");

test("a turn is a prompt and the answer of its run; the next prompt goes on", () => {
  expect(messagesOf(first, "and 3?")).toEqual([
    { role: "user", content: "sort 2 1" },
    { role: "assistant", content: "1 2" },
    { role: "user", content: "and 3?" },
  ]);
});

test("a turn without an answer is shown, and no part of the next request", () => {
  const running = begin(first, "and 3?");
  expect(running.turns).toHaveLength(2);
  expect(messagesOf(running)).toEqual(messagesOf(first));
  expect(drop(running)).toEqual(first);
  expect(drop(first)).toBe(first);
  expect(begin(running, "and 4?").turns.map(({ prompt }) => prompt)).toEqual(["sort 2 1", "and 4?"]);
});

test("an empty answer is an answer, and another one takes its place", () => {
  const empty = complete(begin(first, "nothing"), "");
  expect(messagesOf(empty).at(-1)).toEqual({ role: "assistant", content: "" });
  expect(messagesOf(complete(empty, "something")).at(-1)).toEqual({
    role: "assistant",
    content: "something",
  });
  expect(complete(emptyConversation, "x")).toBe(emptyConversation);
});

test("a system message comes first and outlives the turns", () => {
  const conversation = { ...first, system: "Be brief." };
  expect(messagesOf(conversation)[0]).toEqual({ role: "system", content: "Be brief." });
  expect(messagesOf(clear(conversation))).toEqual([{ role: "system", content: "Be brief." }]);
  expect(messagesOf({ ...first, system: " \n" })).toEqual(messagesOf(first));
});

test("roles alternate, whatever runs ended", () => {
  const anyTurn = fc.record({ prompt: fc.string(), answer: fc.option(fc.string(), { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(anyTurn), fc.string(), (turns, prompt) => {
      const conversation = turns.reduce((before, turn) => {
        const begun = begin(before, turn.prompt);
        return turn.answer === undefined ? drop(begun) : complete(begun, turn.answer);
      }, emptyConversation);
      const roles = messagesOf(conversation, prompt).map(({ role }) => role);
      expect(roles).toEqual(roles.map((_, index) => (index % 2 === 0 ? "user" : "assistant")));
      expect(roles.at(-1)).toBe("user");
      expect(conversation.turns).toEqual(turns.filter(({ answer }) => answer !== undefined));
    }),
  );
});
