import { describe, expect, test } from "vitest";
import { tinyFiles } from "../../../test/support/tokenizers.ts";
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

  test("cuts the line of a block as Hugging Face does", () => {
    const template = new ChatTemplate(
      "{% for m in messages %}\n    {% if true %}\n{{ m.content }}\n    {% endif %}\n{% endfor %}",
    );
    expect(template.render(messages)).toBe("2+2?\n4\nSure?\n");
  });

  test("what a template raises is the error's message", () => {
    const template = new ChatTemplate("{{ raise_exception('Roles must alternate') }}");
    expect(() => template.render(messages)).toThrow(
      expect.objectContaining({
        code: "text",
        message: "Cannot render the chat template: Roles must alternate",
        cause: expect.any(Error),
      }),
    );
  });

  test("a template that fails, or is none, is an error with its cause", () => {
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
