/** The handle of an engine on a server. */
import {
  type ChatMessage,
  DiffusionError,
  type EngineHandle,
  type EngineInfo,
  type EngineStatus,
  type GenerateEvent,
  type GenerateOptions,
  type GenerateRequest,
  type LoadedPlan,
  type TokenizeOptions,
  throwIfAborted,
} from "../../core/index.ts";
import { isJsonObject } from "../../core/jsonObject.ts";
import { errorOfAnswer } from "./httpError.ts";
import { type InfoJson, infoOf, reviveLogprob } from "./json.ts";
import type { Call, ServerClient } from "./serverClient.ts";

/** Of a model that the server has. @throws DiffusionError as the calls of `HttpEngine` */
export async function readInfo(
  client: ServerClient,
  model: string,
  signal?: AbortSignal,
): Promise<EngineInfo> {
  const path = `engine/info/${pathOf(model)}`;
  return infoOf((await client.json({ path, what: "connect to the model", signal })) as InfoJson);
}

/** A model's name can contain slashes, which stay as they are. */
function pathOf(model: string): string {
  return model.split("/").map(encodeURIComponent).join("/");
}

/**
 * Forwards calls to an engine on a server, by HTTP. Errors keep their code and message; their cause is an `HttpError`. When the
 * server cannot be reached, or ends during a call, the call rejects with `io`; later calls succeed once the server is back.
 */
export class HttpEngine implements EngineHandle {
  /** The model's name on the server. */
  readonly model: string;
  /** The address of the server, with a slash at its end. */
  readonly address: string;
  readonly #client: ServerClient;
  readonly #disposal = new AbortController();
  #info: EngineInfo;

  /** Use `EngineServer.engine`. */
  constructor(client: ServerClient, model: string, info: EngineInfo) {
    this.model = model;
    this.address = client.address;
    this.#client = client;
    this.#info = info;
  }

  /** As it was when the engine was opened, or after the last `recovered` event. */
  get info(): EngineInfo {
    return this.#info;
  }

  /**
   * The events are those of the engine. A signal, and leaving the loop, close the connection, which ends the generation on the
   * server within a step.
   * @throws DiffusionError as the engine does, and `io`
   */
  async *generate(
    request: GenerateRequest,
    { signal }: GenerateOptions = {},
  ): AsyncGenerator<GenerateEvent, void, undefined> {
    const { model } = this;
    const what = "run the generation";
    const call = { path: "engine/generate", body: { model, request }, what };
    this.#requireOpen();
    throwIfAborted(signal, what);
    const ended = this.#until(signal);
    try {
      for await (const data of this.#client.events({ ...call, signal: ended })) {
        const event = readEvent(data, this.address);
        if (event.type === "recovered") this.#info = await readInfo(this.#client, model, ended);
        yield event;
      }
    } catch (error) {
      this.#requireOpen();
      throw error;
    }
  }

  /** @throws DiffusionError as the engine does, and `io` */
  async tokenize(
    text: string | readonly ChatMessage[],
    { special, maxTokens, signal }: TokenizeOptions = {},
  ): Promise<readonly number[]> {
    const input = typeof text === "string" ? { prompt: text, special } : { messages: text };
    const { tokens } = await this.#post<{ tokens: readonly number[] }>("tokenize", input, signal);
    if (tokens.length <= (maxTokens ?? Infinity)) return tokens;
    const message = `Cannot encode the text as it must have at most ${maxTokens} tokens: found ${tokens.length}`;
    throw new DiffusionError("context-exceeded", message);
  }

  async detokenize(tokens: readonly number[]): Promise<string> {
    return (await this.#post<{ prompt: string }>("detokenize", { tokens })).prompt;
  }

  async tokenTexts(tokens: readonly number[]): Promise<readonly string[]> {
    const body = { tokens, return_token_strs: true };
    return (await this.#post<{ token_strs: readonly string[] }>("detokenize", body)).token_strs;
  }

  status(): Promise<EngineStatus> {
    return this.#json(`engine/status/${pathOf(this.model)}`, {});
  }

  /** @throws DiffusionError `unsupported`: the logits of a sequence are too large for the API */
  logits(): Promise<never> {
    return Promise.reject(unsupported("logits"));
  }
  /** @throws DiffusionError `unsupported` */
  plan(): Promise<LoadedPlan> {
    return Promise.reject(unsupported("Plans"));
  }

  /** Ends the calls of this handle with a `disposed` error. The engine stays on the server. */
  async dispose(): Promise<void> {
    this.#disposal.abort();
  }

  #post<T>(path: string, fields: object, signal?: AbortSignal): Promise<T> {
    return this.#json(path, { body: { model: this.model, ...fields }, signal });
  }

  async #json<T>(path: string, { body, signal }: Pick<Call, "body" | "signal">): Promise<T> {
    this.#requireOpen();
    try {
      const what = `use '/${path}' of the server`;
      return (await this.#client.json({
        path,
        what,
        ...(body && { body }),
        signal: this.#until(signal),
      })) as T;
    } catch (error) {
      this.#requireOpen();
      throw error;
    }
  }

  /** Fires with the caller's signal, and when this handle is disposed. */
  #until(signal: AbortSignal | undefined): AbortSignal {
    return AbortSignal.any([this.#disposal.signal, ...(signal ? [signal] : [])]);
  }

  #requireOpen(): void {
    if (!this.#disposal.signal.aborted) return;
    throw new DiffusionError("disposed", `Cannot use the model '${this.model}' as its handle is disposed`);
  }
}

/** @throws DiffusionError for an event that is the error of the generation */
function readEvent(data: string, address: string): GenerateEvent {
  const event = JSON.parse(data, reviveLogprob) as unknown;
  if (isJsonObject(event) && "error" in event) throw errorOfAnswer(500, event, address);
  return event as GenerateEvent;
}

function unsupported(what: string): DiffusionError {
  const message = `Cannot read ${what} of an engine on a server as the HTTP API does not have them`;
  return new DiffusionError("unsupported", message);
}
