/** A server of models, as `unmask serve` runs it. */
import { DiffusionError } from "../../core/index.ts";
import { HttpEngine, readInfo } from "./httpEngine.ts";
import { ServerClient, type ServerOptions } from "./serverClient.ts";

/** A model of a server, as `GET /v1/models` describes it. */
export interface ServerModel {
  /** The name in requests. */
  readonly name: string;
  readonly family: string;
  /** Elements of all weights. */
  readonly parameters: number;
  /** Maximum positions of a sequence. */
  readonly context: number;
  /** A description of the device. */
  readonly device: string;
}

interface ListedModel {
  readonly id: string;
  readonly diffusion?: Omit<ServerModel, "name">;
}

export interface ConnectingOptions {
  readonly signal?: AbortSignal;
}

export class EngineServer {
  readonly #client: ServerClient;

  /**
   * @param address the address of the server without `/v1`, for example `http://127.0.0.1:8000`
   * @throws DiffusionError `invalid-request`
   */
  constructor(address: string | URL, options: ServerOptions = {}) {
    this.#client = new ServerClient(address, options);
  }

  /** With a slash at its end. */
  get address(): string {
    return this.#client.address;
  }

  /**
   * The models of the server.
   * @throws DiffusionError `invalid-request` for a missing or wrong key; `unsupported` if the server is another one; `io` if
   *   the server cannot be reached; `aborted`
   */
  async models({ signal }: ConnectingOptions = {}): Promise<readonly ServerModel[]> {
    const answer = await this.#client.json({ path: "v1/models", what: "list the models", signal });
    return (answer as { readonly data: readonly ListedModel[] }).data.map(({ id, diffusion }) => {
      if (!diffusion) {
        const message = `Cannot use the server at ${this.address} as it must be a server of unmask: found model '${id}' of another one`;
        throw new DiffusionError("unsupported", message);
      }
      const { family, parameters, context, device } = diffusion;
      return { name: id, family, parameters, context, device };
    });
  }

  /**
   * Opens the engine of a model.
   * @throws DiffusionError `not-found` for an unknown model, and as `models`
   */
  async engine(model: string, { signal }: ConnectingOptions = {}): Promise<HttpEngine> {
    return new HttpEngine(this.#client, model, await readInfo(this.#client, model, signal));
  }
}
