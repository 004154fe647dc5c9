import { describe, expect, test } from "vitest";
import { tinyFiles } from "../../../test/support/tokenizers.ts";
import { strftime } from "./strftime.ts";
import { ChatTemplate } from "./template.ts";

const messages = [
  { role: "user", content: "2+2?" },
  { role: "assistant", content: "4" },
  { role: "user", content: "Sure?" },
];

describe("the source", () => {
  test("comes from tokenizer_config.json", () => {
    const template = ChatTemplate.fromFiles({ config: tinyFiles.config });
    expect(template?.render(messages)).toBe("<|user|>2+2?<|assistant|>4<|eos|><|user|>Sure?<|assistant|>");
  });

  test("is chosen by name from a list", () => {
    const config = {
      chat_template: [
        { name: "tool_use", template: "tools" },
        { name: "default", template: "chat" },
      ],
    };
    expect(ChatTemplate.fromFiles({ config })?.render([])).toBe("chat");
    expect(ChatTemplate.fromFiles({ config, name: "tool_use" })?.render([])).toBe("tools");
    expect(() => ChatTemplate.fromFiles({ config, name: "rag" })).toThrow(
      expect.objectContaining({
        code: "text",
        message: `Cannot find the chat template 'rag': found ["tool_use","default"]`,
      }),
    );
  });

  test("comes from chat_template.jinja before the configuration", () => {
    expect(ChatTemplate.fromFiles({ config: tinyFiles.config, jinja: "jinja" })?.source).toBe("jinja");
  });

  test("may be missing, but not be something else", () => {
    expect(ChatTemplate.fromFiles({ config: {} })).toBeUndefined();
    expect(ChatTemplate.fromFiles({ config: { chat_template: null } })).toBeUndefined();
    expect(() => ChatTemplate.fromFiles({ config: { chat_template: 3 } })).toThrow(
      "must be a string: found 3",
    );
  });
});

describe("rendering", () => {
  test("gives the template its variables", () => {
    const source =
      "{{ bos_token }}{% for m in messages %}{{ m.role }}={{ m.content }};{% endfor %}{{ eos_token }}" +
      "{% if add_generation_prompt %}answer{% endif %}{{ thinking }}";
    const template = new ChatTemplate(source);
    const two = messages.slice(0, 2);
    expect(template.render(two)).toBe("user=2+2?;assistant=4;answer");
    const options = {
      addGenerationPrompt: false,
      bosToken: "<s>",
      eosToken: "</s>",
      extra: { thinking: "off" },
    };
    expect(template.render(two, options)).toBe("<s>user=2+2?;assistant=4;</s>off");
  });

  test("trims the lines of blocks as Hugging Face does", () => {
    const template = new ChatTemplate(
      "{% for m in messages %}\n    {% if true %}\n{{ m.content }}\n    {% endif %}\n{% endfor %}",
    );
    expect(template.render(messages)).toBe("2+2?\n4\nSure?\n");
  });

  test("a template's raise_exception sets the error's message", () => {
    const template = new ChatTemplate("{{ raise_exception('Roles must alternate') }}");
    expect(() => template.render(messages)).toThrow(
      expect.objectContaining({
        code: "text",
        message: "Cannot render the chat template: Roles must alternate",
        cause: expect.any(Error),
      }),
    );
  });

  test("a failing or invalid template is an error with its cause", () => {
    expect(() => new ChatTemplate("{{ nothing() }}").render([])).toThrow(
      expect.objectContaining({ code: "text", cause: expect.any(Error) }),
    );
    expect(() => new ChatTemplate("{% for %}")).toThrow(
      expect.objectContaining({
        code: "text",
        message: expect.stringContaining("Cannot parse the chat template: "),
        cause: expect.any(Error),
      }),
    );
  });
});

describe("as Python's Jinja", () => {
  const days = { year: 2024, month: 11, day: 3 };
  test.each([
    [
      "maps with integer keys",
      "{% set d = {1: 'a', 2: 'b'} %}{{ d[1] }}{{ d.get(2) }}{{ 1 in d }}{{ 3 in d }}",
      "abtruefalse",
    ],
    ["loops over maps", "{% for k, v in {1: 'a', 2: 'b'}.items() %}{{ k }}={{ v }};{% endfor %}", "1=a;2=b;"],
    ["missing keys of maps", "{{ {1: 'a'}[0] is defined }}{{ {'a': 1}[0] is defined }}", "falsefalse"],
    [
      "lists by index and slices",
      "{{ messages[-1].content }}{{ messages[::-1][0].content }}{{ messages[2:0:-1] | length }}{{ 'abc'[::-1] }}",
      "Sure?Sure?2cba",
    ],
    [
      "continue keeps the iteration's output",
      "{% for m in messages %}{{ loop.index }}{% if loop.index == 2 %}{% continue %}{% endif %}{{ m.content }};{% endfor %}",
      "12+2?;23Sure?;",
    ],
    [
      "break keeps the iteration's output",
      "{% for m in messages %}{% for n in messages %}{{ loop.index }}{% if true %}{% break %}{% endif %}{% endfor %}{{ m.content }}{% if loop.index == 2 %}!{% break %}{% endif %}{% endfor %}.",
      "12+2?14!.",
    ],
    [
      "strip removes the characters of its argument",
      "[{{ ' x\n'.strip('\n') }}][{{ '\n x'.lstrip('\n') }}][{{ 'xxhixx'.rstrip('x') }}]",
      "[ x][ x][xxhi]",
    ],
    [
      "white space is Python's",
      "[{{ '\ufeff a\u0085\u001c' | trim }}][{{ '\ufeff a\u0085\u001c'.strip() }}]"
        .replaceAll("\\ufeff", "\ufeff")
        .replaceAll("\\u0085", "\u0085")
        .replaceAll("\\u001c", "\u001c"),
      "[\ufeff a][\ufeff a]",
    ],
    [
      "namespaces",
      "{% set ns = namespace(x=1) %}{% for m in messages %}{% set ns.x = ns.x + 1 %}{% endfor %}{{ ns.x }}",
      "4",
    ],
    [
      "tojson with options",
      "{{ {'b': 1, 'a': 'é'} | tojson }}{{ {'b': 1, 'a': 2} | tojson(indent=2, sort_keys=true) }}{{ {'a': 1} | tojson(separators=(',', ':')) }}",
      '{"b": 1, "a": "é"}{\n  "a": 2,\n  "b": 1\n}{"a":1}',
    ],
    [
      "generation blocks",
      "{% for m in messages %}{% generation %}{{ m.content }}{% endgeneration %}{% endfor %}",
      "2+2?4Sure?",
    ],
  ])("%s", (_, source, expected) => {
    expect(new ChatTemplate(source).render(messages)).toBe(expected);
  });

  test("dates have English names, and an unknown directive is an error", () => {
    const date = new Date(days.year, days.month - 1, days.day, 14, 5, 9);
    expect(strftime(date, "%d %b %Y, %B %-d, %A %a, %y %j %H:%M:%S %I %p %F %%")).toBe(
      "03 Nov 2024, November 3, Sunday Sun, 24 308 14:05:09 02 PM 2024-11-03 %",
    );
    expect(new ChatTemplate("{{ strftime_now('%Y') }}").render([])).toMatch(/^\d{4}$/);
    expect(() => new ChatTemplate("{{ strftime_now('%Q') }}").render([])).toThrow("does not know '%Q'");
  });
});
