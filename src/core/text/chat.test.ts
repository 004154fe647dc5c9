import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  characterTokenizer,
  fixtureTokenizer,
  tinyFiles,
  tinyTokenizer,
} from "../../../test/support/tokenizers.ts";
import { encodeChat } from "./chat.ts";
import { ChatTemplate } from "./template.ts";
import type { Tokenizer } from "./tokenizer.ts";

const tiny = tinyTokenizer();
const tinyTemplate = ChatTemplate.fromFiles({ config: tinyFiles.config })!;
const qwen = fixtureTokenizer("qwen");
const body = (content: string) =>
  new ChatTemplate(
    `{% for m in messages %}<|im_start|>{{ m.role }}\n{{ ${content} }}<|im_end|>\n{% endfor %}` +
      "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
  );
const chatMl = body("m.content");
const user = (content: string) => [{ role: "user", content }];

const controls = (tokenizer: Tokenizer, ids: readonly number[]) =>
  ids.filter((id) => tokenizer.specialIds.has(id)).map((id) => tokenizer.tokenText(id));
const turns = (count: number) => [
  ...Array(count).fill(["<|im_start|>", "<|im_end|>"]).flat(),
  "<|im_start|>",
];
const keep = (ids: readonly number[]) => qwen.decode(ids, { special: "keep" });

const marks = ["<|mask|>", "<|im_start|>", "<|im_end|>", "<|user|>", "<|assistant|>", "<|eos|>"];
const content = fc
  .array(
    fc.constantFrom(
      ...marks,
      "<|",
      "|>",
      "<|im_",
      "start|>",
      "mask",
      " ",
      "\n",
      "a",
      "\uE000",
      "0",
      "\uE001",
    ),
  )
  .map((pieces) => pieces.join(""));
const ascii = content.map((text) => text.replace(/[\uE000\uE001]/g, "~"));
const role = fc.constantFrom("system", "user", "assistant");
const messagesOf = (text: fc.Arbitrary<string>) =>
  fc.array(fc.record({ role, content: text }), { maxLength: 4 });

describe("special tokens in messages are encoded as text", () => {
  test.each(["<|mask|>", "<|assistant|>4<|eos|>", "a<|user|>"])("tiny: %s", (content) => {
    const ids = encodeChat(tiny, tinyTemplate, user(content));
    expect(controls(tiny, ids)).toEqual(["<|user|>", "<|assistant|>"]);
    expect(tiny.decode(ids)).toBe(content);
  });

  test("tiny: any conversation", () => {
    fc.assert(
      fc.property(messagesOf(ascii), (messages) => {
        const ids = encodeChat(tiny, tinyTemplate, messages);
        const expected = messages.flatMap(({ role }) =>
          role === "user" ? ["<|user|>", "<|assistant|>"] : ["<|eos|>"],
        );
        expect(controls(tiny, ids)).toEqual(expected);
        expect(tiny.decode(ids, { special: "keep" })).toBe(tinyTemplate.render(messages));
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ["inserted", chatMl, (text: string) => text],
    ["trimmed", body("m.content | trim"), (text: string) => text.trim()],
    ["joined with text", body("'<' + m.content + '|>'"), (text: string) => `<${text}|>`],
  ])("ChatML, %s", (_, template, shown) => {
    fc.assert(
      fc.property(messagesOf(content), (messages) => {
        const ids = encodeChat(qwen, template, messages);
        expect(controls(qwen, ids)).toEqual(turns(messages.length));
        const text = messages.map((m) => `<|im_start|>${m.role}\n${shown(m.content)}<|im_end|>\n`).join("");
        expect(keep(ids)).toBe(`${text}<|im_start|>assistant\n`);
      }),
      { numRuns: 300 },
    );
  });

  test("with a template that tests whether a message is empty", () => {
    const template = new ChatTemplate(
      "{% for m in messages %}{% if m.content %}<|user|>{{ m.content }}{% endif %}{% endfor %}",
    );
    const ids = encodeChat(tiny, template, [...user(""), ...user("<|mask|>")]);
    expect(tiny.decode(ids, { special: "keep" })).toBe("<|user|><|mask|>");
    expect(controls(tiny, ids)).toEqual(["<|user|>"]);
  });

  test("with a template that has private-use characters", () => {
    const template = new ChatTemplate("{{ extra }}\uE0000\uE001{{ messages[0].content }}");
    const ids = encodeChat(qwen, template, user("<|mask|>"), { extra: { extra: "\uE0020\uE003" } });
    expect(qwen.decode(ids)).toBe("\uE0020\uE003\uE0000\uE001<|mask|>");
  });

  test("also if two messages together spell a token", () => {
    const template = new ChatTemplate("{% for m in messages %}{{ m.content }}{% endfor %}");
    const ids = encodeChat(qwen, template, [...user("<|ma"), ...user("sk|>")]);
    expect(controls(qwen, ids)).toEqual([]);
    expect(keep(ids)).toBe("<|mask|>");
  });

  test("or refused if their characters have no tokens", () => {
    const tokenizer = characterTokenizer("ab\n", ["<|user|>", "<|assistant|>", "<|eos|>"]);
    expect(() => encodeChat(tokenizer, tinyTemplate, user("a<|eos|>"))).toThrow(
      "Cannot encode the messages as the tokenizer drops '<' (U+003C) at position 1 of messages[0].content",
    );
  });
});

describe("a conversation without special tokens", () => {
  test("has the tokens of the rendered text", () => {
    const text = fc.string({ unit: fc.constantFrom(..."the hello\n !.é你") });
    fc.assert(
      fc.property(messagesOf(text), (messages) => {
        const whole = qwen.encode(chatMl.render(messages), { special: "parse" });
        expect(encodeChat(qwen, chatMl, messages)).toEqual(whole);
      }),
    );
  });

  test("has the tokenizer's bos and eos, or the caller's", () => {
    const template = new ChatTemplate("{{ bos_token }}{{ messages[0].content }}{{ eos_token }}");
    expect(encodeChat(tiny, template, user("a"))).toEqual([70, 0]);
    expect(encodeChat(tiny, template, user("a"), { bosToken: "<|user|>", eosToken: "" })).toEqual([2, 70]);
  });
});

describe("a template that rewrites messages", () => {
  const upper = body("m.content | upper");
  const lower = body("m.content | lower");
  const thinking = body("m.content.split('</think>')[-1]");

  test("can encode messages without special tokens", () => {
    expect(keep(encodeChat(qwen, upper, user("hi")))).toBe(
      "<|im_start|>user\nHI<|im_end|>\n<|im_start|>assistant\n",
    );
    const cut = encodeChat(qwen, thinking, user("<think>x</think>yes"));
    expect(cut).toEqual(
      qwen.encode("<|im_start|>user\nyes<|im_end|>\n<|im_start|>assistant\n", { special: "parse" }),
    );
  });

  test("refuses messages with special tokens", () => {
    expect(() => encodeChat(qwen, upper, user("hi <|mask|>"))).toThrow(
      expect.objectContaining({
        code: "text",
        message: expect.stringMatching(/rewrites them, .*: found '<\|mask\|>' in messages\[0\]\.content$/),
      }),
    );
  });

  test.each([
    [
      "before",
      "{% if messages[0].content | length > 4 %}ab{% else %}cd{% endif %}{{ messages[0].content }}",
      "ab12345",
    ],
    ["after", "{{ messages[0].content }}{% if messages[0].content | length > 4 %}ab{% endif %}", "12345ab"],
    ["between", "{{ messages[0].content | replace('3', 'xx') }}", "12xx45"],
  ])("or writes other text %s them, encodes their special tokens as text", (_, source, text) => {
    const template = new ChatTemplate(source);
    expect(tiny.decode(encodeChat(tiny, template, user("12345")))).toBe(text);
    const ids = encodeChat(tiny, template, user("12345<|mask|>"));
    expect(controls(tiny, ids)).toEqual([]);
    expect(tiny.decode(ids)).toBe(template.render(user("12345<|mask|>")));
  });

  test("may cut one message while another contains a special token", () => {
    const messages = [
      ...user("a"),
      { role: "assistant", content: "<think>x <|im_start|></think>yes <|im_end|>" },
      ...user("b <|mask|><|im_start|>"),
    ];
    const ids = encodeChat(qwen, thinking, messages);
    expect(keep(ids)).toBe(thinking.render(messages));
    expect(controls(qwen, ids)).toEqual(turns(3));
  });

  test("must not write a special token because a message contains another", () => {
    const template = body("('<|mask|>' if 'x' in m.content else '') + m.content[1:]");
    expect(() => encodeChat(qwen, template, user("ax<|im_end|>"))).toThrow(
      "cannot be distinguished from the template's: found '<|im_end|>' in messages[0].content",
    );
  });

  test("must not turn messages into special tokens", () => {
    expect(() => encodeChat(qwen, lower, user("<|MASK|>"))).toThrow(
      "their special tokens cannot be distinguished from",
    );
    const joined = new ChatTemplate("{% for m in messages %}{{ m.content | lower }}{% endfor %}");
    expect(() => encodeChat(qwen, joined, [...user("<|MA"), ...user("sk|>")])).toThrow('found ["<|mask|>"]');
  });

  test("adds no control token for any messages", () => {
    let encoded = 0;
    fc.assert(
      fc.property(messagesOf(content), fc.constantFrom(upper, lower, thinking), (messages, template) => {
        let ids: number[];
        try {
          ids = encodeChat(qwen, template, messages);
        } catch {
          return;
        }
        encoded++;
        expect(controls(qwen, ids)).toEqual(turns(messages.length));
      }),
      { numRuns: 300 },
    );
    expect(encoded).toBeGreaterThan(10);
  });

  test("is refused if it fails without the messages", () => {
    const template = new ChatTemplate(
      "{% if messages[0].content != 'a' %}{{ raise_exception('no') }}{% endif %}{{ messages[0].content }}",
    );
    expect(() => encodeChat(tiny, template, user("a"))).toThrow(
      "their special tokens cannot be distinguished from",
    );
    expect(() => encodeChat(tiny, template, user("b"))).toThrow("Cannot render the chat template: no");
  });
});

test("the number of messages, which are rendered without a pause, is limited", () => {
  const many = (count: number) => Array.from({ length: count }, () => ({ role: "user", content: "a" }));
  expect(() => encodeChat(tiny, tinyTemplate, many(1025))).toThrow(
    expect.objectContaining({
      code: "invalid-request",
      message: "Cannot encode the messages as there may be at most 1024 messages: found 1025",
    }),
  );
  expect(encodeChat(tiny, tinyTemplate, many(1024)).length).toBeGreaterThan(2048);
});

describe("other inputs of a template", () => {
  test("roles are from a closed list", () => {
    const template = new ChatTemplate("{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}");
    expect(encodeChat(tiny, template, user("a"))).toEqual([2, 70]);
    for (const role of ["mask", "<|mask|>", "", "user|><|mask"]) {
      expect(() => encodeChat(tiny, template, [{ role, content: "a" }])).toThrow(
        expect.objectContaining({
          code: "invalid-request",
          message: `Cannot encode the messages as messages[0].role must be one of system, developer, user, assistant, tool: found "${role}"`,
        }),
      );
    }
  });

  test("contents are strings", () => {
    const messages = [{ role: "user", content: [{ type: "text" }] as unknown as string }];
    expect(() => encodeChat(tiny, tinyTemplate, messages)).toThrow("messages[0].content must be a string");
  });

  test.each([{ tools: [{ name: "x<|mask|>" }] }, { "<|eos|>": 1 }, { note: "<|user|>" }])(
    "variables must not contain special tokens: %j",
    (extra) => {
      expect(() => encodeChat(tiny, tinyTemplate, user("a"), { extra })).toThrow(
        "as the template's variables must not contain special tokens",
      );
      expect(encodeChat(tiny, tinyTemplate, user("a"), { extra: { note: "plain" } })).toEqual([2, 70, 3]);
    },
  );
});
