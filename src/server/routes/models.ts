/** The models of a server by name, and their descriptions for GET /v1/models. */
import { cachePolicies, type EngineHandle, type EngineInfo, found, presetNames } from "../../core/index.ts";
import { ApiError } from "../apiError.ts";
import { invalidValue } from "../fields/index.ts";
import type { AppContext } from "../observer.ts";

export interface NamedModel {
  readonly name: string;
  readonly handle: EngineHandle;
}

export class Models {
  readonly #handles: ReadonlyMap<string, EngineHandle>;
  /** The field `created` of every model: the server's start in seconds. */
  readonly #created = Math.floor(Date.now() / 1000);

  constructor(handles: ReadonlyMap<string, EngineHandle>) {
    this.#handles = handles;
  }

  get handles(): readonly EngineHandle[] {
    return [...this.#handles.values()];
  }

  /**
   * @param name optional if the server has one model
   * @throws ApiError 404 for an unknown model; 400 without a name if the server has several models
   */
  find(name: string | undefined): NamedModel {
    const chosen = name ?? this.#only;
    const handle = this.#handles.get(chosen);
    if (handle) return { name: chosen, handle };
    const known = [...this.#handles.keys()].join(", ");
    const message = `Unknown model ${found(name)}: available models are ${known || "none"}`;
    throw new ApiError(404, "model_not_found", message, { param: "model" });
  }

  /** The model of a request, which is recorded for logs and metrics. @throws ApiError 400, 404 */
  choose(c: AppContext, name: string | undefined): NamedModel {
    const model = this.find(name);
    c.var.observation.note({ model: model.name });
    return model;
  }

  get #only(): string {
    const [name, ...others] = this.#handles.keys();
    if (name !== undefined && others.length === 0) return name;
    throw invalidValue(["model"], `one of ${[...this.#handles.keys()].join(", ") || "none"}`, undefined);
  }

  get list(): object {
    return { object: "list", data: [...this.#handles.keys()].map((name) => this.describe(name)) };
  }

  describe(name: string): object {
    const { handle } = this.find(name);
    return {
      id: name,
      object: "model",
      created: this.#created,
      owned_by: "unmask",
      diffusion: modelProperties(handle.info),
    };
  }
}

function modelProperties(info: EngineInfo): object {
  const { family, parameters, vocabulary, context, maskBlock, defaults, presets, device } = info;
  return {
    family,
    parameters,
    vocabulary,
    context,
    device,
    canvas: defaults.genLength,
    block_length: defaults.blockLength,
    // Infinity for a bidirectional model, which JSON cannot express.
    mask_block: maskBlock === Infinity ? null : maskBlock,
    chat: info.hasChatTemplate,
    decoders: info.decoders.map(({ name }) => name),
    caches: cachePolicies.map(({ name }) => name),
    presets: { source: presets.source, names: presetNames },
  };
}
