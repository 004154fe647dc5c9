import { DiffusionError, found } from "../error.ts";
import { isJsonObject } from "../jsonObject.ts";
import { compileJinja, type Render } from "./jinja.ts";

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

export interface RenderOptions {
  /** Whether to end with the start of the assistant's turn. Default: true. */
  readonly addGenerationPrompt?: boolean;
  /** The variable `bos_token`. Default: empty. */
  readonly bosToken?: string;
  /** The variable `eos_token`. Default: empty. */
  readonly eosToken?: string;
  /** Other variables of the template, such as `enable_thinking`. */
  readonly extra?: { readonly [name: string]: unknown };
}

export interface TemplateFiles {
  /** The parsed tokenizer_config.json, whose `chat_template` is a template or a list of named ones. */
  readonly config?: unknown;
  /** The text of chat_template.jinja, which takes precedence over the configuration. */
  readonly jinja?: string;
  /** The name of the template in a list. Default: "default". */
  readonly name?: string;
}

function sourceIn(config: unknown, name: string): unknown {
  const declared = isJsonObject(config) ? config["chat_template"] : undefined;
  if (Array.isArray(declared)) {
    const named = declared.filter(isJsonObject);
    const names = named.map((each) => each["name"]);
    if (!names.includes(name)) {
      throw new DiffusionError("text", `Cannot find the chat template '${name}': found ${found(names)}`);
    }
    return named[names.indexOf(name)]!["template"];
  }
  return declared ?? undefined;
}

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

/** A checkpoint's chat template, in Jinja. */
export class ChatTemplate {
  readonly source: string;
  readonly #render: Render;

  /** @throws DiffusionError `text` if the source is not a valid template */
  constructor(source: string) {
    this.source = source;
    try {
      this.#render = compileJinja(source);
    } catch (cause) {
      throw new DiffusionError("text", `Cannot parse the chat template: ${messageOf(cause)}`, { cause });
    }
  }

  /**
   * The template in a checkpoint's files; undefined if there is none.
   * @throws DiffusionError `text` if the template is invalid, or a list has no template of that name
   */
  static fromFiles(files: TemplateFiles): ChatTemplate | undefined {
    const source = files.jinja ?? sourceIn(files.config, files.name ?? "default");
    if (source === undefined) return undefined;
    if (typeof source === "string") return new ChatTemplate(source);
    throw new DiffusionError(
      "text",
      `Cannot parse the chat template as it must be a string: found ${found(source)}`,
    );
  }

  /**
   * Renders messages as one text. Use `encodeChat` to encode them: in the rendered text, the users' text cannot be
   * distinguished from the template's.
   * @throws DiffusionError `text` if the template fails or refuses the messages, with the template's message and the cause
   */
  render(messages: readonly ChatMessage[], options: RenderOptions = {}): string {
    try {
      return this.#render({
        ...options.extra,
        messages: messages.map(({ role, content }) => ({ role, content })),
        add_generation_prompt: options.addGenerationPrompt ?? true,
        bos_token: options.bosToken ?? "",
        eos_token: options.eosToken ?? "",
      });
    } catch (cause) {
      throw new DiffusionError("text", `Cannot render the chat template: ${messageOf(cause)}`, { cause });
    }
  }
}
