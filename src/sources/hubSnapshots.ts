/** Models of a hub that another program keeps on this machine. They are read and never written. */
import type { ByteSource } from "../core/weights/source.ts";
import type { HubListing } from "./hubListing.ts";

export interface SnapshotFile {
  readonly file: ByteSource;
  /** The checksum in the file's name; undefined if the name is not a checksum. */
  readonly hex: string | undefined;
}

export interface HubSnapshots {
  /** The folder, as errors name it. */
  readonly name: string;
  /**
   * The local files of a revision.
   * @param id for example `GSAI-ML/LLaDA-8B-Instruct`
   * @param revision a branch or a tag, as of its last download, or a commit
   * @returns undefined if there are no files of the revision
   */
  listing(id: string, revision: string): Promise<HubListing | undefined>;
  /** @returns undefined if the file does not exist */
  open(id: string, commit: string, name: string): Promise<SnapshotFile | undefined>;
}
