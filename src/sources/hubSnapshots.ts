/** Models of a hub that another program keeps on this machine. They are read, and never written. */
import type { ByteSource } from "../core/weights/source.ts";
import type { HubListing } from "./hubListing.ts";

export interface SnapshotFile {
  readonly file: ByteSource;
  /** The checksum by which the file is named there, if it is. */
  readonly hex: string | undefined;
}

export interface HubSnapshots {
  /** How errors name the place. */
  readonly name: string;
  /**
   * The files of a revision that are there.
   * @param id as in `GSAI-ML/LLaDA-8B-Instruct`
   * @param revision a branch, a tag or a commit, as it was when it was downloaded last
   * @returns undefined if nothing of it is there
   */
  listing(id: string, revision: string): Promise<HubListing | undefined>;
  /** @returns undefined if the file is not there */
  open(id: string, commit: string, name: string): Promise<SnapshotFile | undefined>;
}
