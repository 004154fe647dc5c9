/** Models that a page can load, and what they are called. */
import type { EngineServer, ServerModel, WebModel } from "../../src/remote/index.ts";
import { embeddedFiles, embeddedPath } from "./embeddedFiles.ts";

/** A model that stays where it is: on a server. */
export interface ServedModelChoice {
  readonly kind: "server";
  readonly server: EngineServer;
  readonly model: ServerModel;
}

export type ModelChoice =
  | ServedModelChoice
  | { readonly kind: "embedded" }
  /** A hub id or an address. */
  | {
      readonly kind: "address";
      readonly address: string;
      /** The hub of an id, where it is not the page's. */
      readonly endpoint?: string;
      /** Whether only kept files are read. */
      readonly offline?: boolean;
    }
  /** A folder that a person chose or dropped. */
  | { readonly kind: "folder"; readonly name: string; readonly folder: FileSystemDirectoryHandle }
  /** Files by their names in the model's folder. */
  | { readonly kind: "files"; readonly name: string; readonly files: Readonly<Record<string, Blob>> };

export const embedded: ModelChoice = { kind: "embedded" };

/** The embedded model's files lie beside the page, and the browser's own cache keeps them. */
export function webModelOf(choice: Exclude<ModelChoice, ServedModelChoice>): WebModel {
  switch (choice.kind) {
    case "embedded":
      return { model: new URL(embeddedPath, document.baseURI).href, keep: false, files: embeddedFiles };
    case "address": {
      const endpoint = choice.endpoint ?? pageHub();
      return {
        model: absolute(choice.address),
        ...(choice.offline && { offline: true }),
        ...(endpoint !== undefined && { endpoint }),
      };
    }
    case "folder":
      return { model: choice.folder };
    case "files":
      return { model: choice.files };
  }
}

export function nameOf(choice: ModelChoice): string {
  if (choice.kind === "embedded") return "the embedded model";
  if (choice.kind === "server") return `the server's model “${choice.model.name}”`;
  return choice.kind === "address" ? choice.address : choice.name;
}

/** The hub that the page's address names: `?hub=https://…` stands for a mirror. */
export function pageHub(): string | undefined {
  return new URLSearchParams(location.search).get("hub") ?? undefined;
}

/** A path is one of the page's own server; anything else stays as it is. */
function absolute(address: string): string {
  return /^\.{0,2}\//.test(address) ? new URL(address, document.baseURI).href : address;
}

/** Files of a chosen folder by their names in it. Hidden files are left out. */
export function filesOf(chosen: Iterable<File>): Readonly<Record<string, Blob>> {
  const named = Array.from(chosen, (file) => [nameInFolder(file), file] as const);
  return Object.fromEntries(named.filter(([name]) => !/(^|\/)\./.test(name)));
}

function nameInFolder({ webkitRelativePath: path, name }: File): string {
  return path ? path.slice(path.indexOf("/") + 1) : name;
}
