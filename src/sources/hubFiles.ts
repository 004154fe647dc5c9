/** The files of one revision of a model: their names, and the local and remote copies of each. */
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

  /** The listing of the revision, which is resolved to a commit at the first call. @throws as `resolveRevision` */
  async listing(signal: AbortSignal | undefined): Promise<HubListing> {
    const listing = this.#pinned ?? (await resolveRevision(this.#model, this.#access, signal));
    this.#pinned ??= listing;
    return this.#pinned;
  }

  /**
   * A local copy of a file: from the cache, else from the snapshots. A cached file is verified by its checksum; a snapshot
   * by its size and, if its name is a checksum, by that name.
   * @throws DiffusionError `not-found` if the model has no such file, `io`, `aborted`
   */
  async local(name: string, signal: AbortSignal | undefined): Promise<ByteSource | undefined> {
    const { cache } = this.#access;
    const listed = await this.#listed(name, signal);
    if (cache && listed?.checksum) {
      const stored = await openStored(await this.remote(name, signal), cache, signal);
      if (stored) return stored;
    }
    return this.inSnapshots(name, signal);
  }

  /** The copy of a file in the snapshots. @throws as `local` */
  async inSnapshots(name: string, signal: AbortSignal | undefined): Promise<ByteSource | undefined> {
    const listed = await this.#listed(name, signal);
    const { commit } = await this.listing(signal);
    const snapshot = await this.#access.snapshots?.open(this.#model.id, commit, name);
    if (!snapshot || snapshot.file.size !== (listed?.size ?? snapshot.file.size)) return undefined;
    const differs = snapshot.hex !== undefined && listed?.checksum && listed.checksum.hex !== snapshot.hex;
    return differs ? undefined : snapshot.file;
  }

  /**
   * The file on the hub.
   * @throws DiffusionError `not-found` if the model has no such file, `invalid-file` if the listing lacks its checksum
   */
  async remote(name: string, signal: AbortSignal | undefined): Promise<RemoteFile> {
    const listed = await this.#listed(name, signal);
    const { commit } = await this.listing(signal);
    if (listed?.checksum) {
      const { size, checksum } = listed;
      // Keyed by checksum, so that revisions share equal files.
      return { size, checksum, key: checksumKey(checksum), address: fileAddress(this.#model, commit, name) };
    }
    const rule = "the hub's listing must have its size and checksum";
    const value = listed ? "no checksum" : "not both";
    throw new DiffusionError(
      "invalid-file",
      `Cannot open ${found(name)} of '${modelName(this.#model)}' as ${rule}: found ${value}`,
    );
  }

  /** The listing's entry for a file; undefined if the entry is incomplete. */
  async #listed(name: string, signal: AbortSignal | undefined): Promise<HubFile | undefined> {
    assertFileName(name, modelName(this.#model));
    const { files } = await this.listing(signal);
    if (files.has(name)) return files.get(name);
    const message = `Cannot open ${found(name)} as '${modelName(this.#model)}' has no such file: found ${files.size} others`;
    throw new DiffusionError("not-found", message);
  }
}
