/** The files of one revision of a model: which there are, and where each of them can be had. */
import { DiffusionError, found } from "../core/error.ts";
import { assertFileName } from "../core/weights/fileName.ts";
import type { ByteSource } from "../core/weights/source.ts";
import { checksumKey } from "./checksum.ts";
import { openStored } from "./download.ts";
import type { HubFile, HubListing } from "./hubListing.ts";
import { fileAddress, type HubModel, modelName } from "./hubModel.ts";
import { type HubAccess, resolveRevision } from "./hubRevision.ts";
import type { RemoteFile } from "./remoteFile.ts";

export class HubFiles {
  readonly #model: HubModel;
  readonly #access: HubAccess;
  #pinned: HubListing | undefined;

  constructor(model: HubModel, access: HubAccess) {
    this.#model = model;
    this.#access = access;
  }

  /** The revision is resolved to a commit at the first call, and never again. @throws as `resolveRevision` */
  async listing(signal: AbortSignal | undefined): Promise<HubListing> {
    const listing = this.#pinned ?? (await resolveRevision(this.#model, this.#access, signal));
    this.#pinned ??= listing;
    return this.#pinned;
  }

  /**
   * A file as this machine has it: in the cache, else where another program keeps it. The cache's is checked by its
   * checksum, the other one by its size and, where that is a checksum, its name.
   * @throws DiffusionError `not-found` if the model has no such file, `io`, `aborted`
   */
  async local(name: string, signal: AbortSignal | undefined): Promise<ByteSource | undefined> {
    const { cache } = this.#access;
    const known = await this.#known(name, signal);
    if (cache && known?.checksum) {
      const stored = await openStored(await this.remote(name, signal), cache, signal);
      if (stored) return stored;
    }
    return this.shared(name, signal);
  }

  /** As another program keeps it. @throws as `local` */
  async shared(name: string, signal: AbortSignal | undefined): Promise<ByteSource | undefined> {
    const known = await this.#known(name, signal);
    const { commit } = await this.listing(signal);
    const there = await this.#access.snapshots?.open(this.#model.id, commit, name);
    if (!there || there.file.size !== (known?.size ?? there.file.size)) return undefined;
    const isAnother = there.hex !== undefined && known?.checksum && known.checksum.hex !== there.hex;
    return isAnother ? undefined : there.file;
  }

  /**
   * A file as the hub has it.
   * @throws DiffusionError `not-found` if the model has no such file, `invalid-file` if the hub does not tell its checksum
   */
  async remote(name: string, signal: AbortSignal | undefined): Promise<RemoteFile> {
    const known = await this.#known(name, signal);
    const { commit } = await this.listing(signal);
    if (known?.checksum) {
      const { size, checksum } = known;
      // Named by its content, so that revisions share what they have in common.
      return { size, checksum, key: checksumKey(checksum), address: fileAddress(this.#model, commit, name) };
    }
    const rule = "the hub must tell the size and the checksum of a file that is read";
    const value = known ? "no checksum" : "not both of them";
    throw new DiffusionError(
      "invalid-file",
      `Cannot open ${found(name)} of '${modelName(this.#model)}' as ${rule}: found ${value}`,
    );
  }

  /** What the listing says of a file; undefined if that is not enough. */
  async #known(name: string, signal: AbortSignal | undefined): Promise<HubFile | undefined> {
    assertFileName(name, modelName(this.#model));
    const { files } = await this.listing(signal);
    if (files.has(name)) return files.get(name);
    const message = `Cannot open ${found(name)} as '${modelName(this.#model)}' has no such file: found ${files.size} others`;
    throw new DiffusionError("not-found", message);
  }
}
