/** The models of a server, by name, and GET /v1/models. */
import { cachePolicies, type EngineHandle, type EngineInfo, found, presetNames } from "../../core/index.ts";
import { ApiError } from "../apiError.ts";
import { refusal } from "../fields/index.ts";
import type { AppContext } from "../observer.ts";

export interface NamedModel {
  readonly name: string;
  readonly handle: EngineHandle;
}

export class Models {
  readonly #handles: ReadonlyMap<string, EngineHandle>;
  /** Seconds, as `created` of each. */
  readonly #created = Math.floor(Date.now() / 1000);

  constructor(handles: ReadonlyMap<string, EngineHandle>) {
    this.#handles = handles;
  }

  get handles(): readonly EngineHandle[] {
    return [...this.#handles.values()];
  }

  /**
   * @param name may be left out where there is one model
   * @throws ApiError 404 with the models that there are; 400 where there are several and none is named
   */
  find(name: string | undefined): NamedModel {
    const chosen = name ?? this.#only;
    const handle = this.#handles.get(chosen);
    if (handle) return { name: chosen, handle };
    const known = [...this.#handles.keys()].join(", ");
    const message = `Cannot answer as there is no such model: found ${found(name)}, there is ${known || "none"}`;
    throw new ApiError(404, "model_not_found", message, { param: "model" });
  }

  /** A request's model, which is noted for those who count. @throws ApiError 400, 404 */
  choose(c: AppContext, name: string | undefined): NamedModel {
    const model = this.find(name);
    c.var.observation.note({ model: model.name });
    return model;
  }

  get #only(): string {
    const [name, ...others] = this.#handles.keys();
    if (name !== undefined && others.length === 0) return name;
    throw refusal(["model"], `one of ${[...this.#handles.keys()].join(", ") || "none"}`, undefined);
  }

  get list(): object {
    return { object: "list", data: [...this.#handles.keys()].map((name) => this.describe(name)) };
  }

  describe(name: string): object {
    const { handle } = this.find(name);
    return {
      ...{ id: name, object: "model", created: this.#created, owned_by: "unmask" },
      diffusion: facts(handle.info),
    };
  }
}

function facts(info: EngineInfo): object {
  const { family, parameters, vocabulary, context, maskBlock, defaults, presets, device } = info;
  return {
    ...{ family, parameters, vocabulary, context, device },
    canvas: defaults.genLength,
    block_length: defaults.blockLength,
    /** Null where the model is bidirectional. */
    mask_block: maskBlock === Infinity ? null : maskBlock,
    chat: info.hasChatTemplate,
    decoders: info.decoders.map(({ name }) => name),
    caches: cachePolicies.map(({ name }) => name),
    presets: { source: presets.source, names: presetNames },
  };
}
