/**
 * A prompt and its settings as the fragment of an address, which no browser sends to a server. It is a query of named fields, so
 * that a person can read it and write one by hand: `v=1&prompt=sort+3+1+2&decoder=threshold&decoder.threshold=0.8`.
 */

import { readTemplate } from "../../src/core/engine/request/infillTemplate.ts";
import { type EngineInfo, found, type InfillSegment } from "../../src/core/index.ts";
import { laneDeclarations, requestDeclarations, type Values } from "../controls/declarations.ts";
import { laneSettings, type Settings } from "../controls/settings.ts";
import { templateOf } from "./infillTemplate.ts";
import { readSettings } from "./linkSettings.ts";

export const linkVersion = "1";
/** Of the fields of the second lane. */
const secondPrefix = "b.";

export interface Linked {
  readonly prompt: string;
  /** Pinned text and holes after the prompt. */
  readonly infill?: readonly InfillSegment[] | undefined;
  /** Of the first lane, with the fields of the request that all lanes share. */
  readonly settings: Settings;
  /** Of the second lane; absent without one. */
  readonly second?: Settings | undefined;
  /** A hub id or an address; absent for the embedded model. */
  readonly model?: string | undefined;
}

/** What a link holds, as far as it is understood. */
export interface OpenedLink {
  readonly prompt?: string | undefined;
  readonly infill?: readonly InfillSegment[] | undefined;
  readonly model?: string | undefined;
  readonly settings: Partial<Settings>;
  readonly second?: Partial<Settings> | undefined;
  /** Each says which field is left out, and why. */
  readonly problems: readonly string[];
}

/** @returns the fragment without its `#` */
export function writeLink({ prompt, infill, settings, second, model }: Linked): string {
  const fields = new URLSearchParams({ v: linkVersion, prompt });
  const template = infill && templateOf(infill);
  if (template !== undefined) fields.set("infill", template);
  if (model !== undefined) fields.set("model", model);
  setSettings(fields, settings, "");
  if (second) setSettings(fields, second, secondPrefix);
  return fields.toString();
}

function setSettings(
  fields: URLSearchParams,
  { decoder, cache, smoothing, request }: Settings,
  prefix: string,
): void {
  for (const [name, { name: chosen, ...values }] of Object.entries({ decoder, cache })) {
    fields.set(prefix + name, chosen);
    setValues(fields, values, `${prefix}${name}.`);
  }
  if (smoothing) fields.set(`${prefix}smoothing`, "on");
  setValues(fields, smoothing ?? {}, `${prefix}smoothing.`);
  setValues(fields, request, prefix);
}

/** A field that a person has emptied has no value to write. */
function setValues(fields: URLSearchParams, values: Values, prefix: string): void {
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && !Number.isNaN(value)) fields.set(prefix + name, String(value));
}

/** Whether a fragment is a link of this page, of whatever version. */
export function isLink(fragment: string): boolean {
  return new URLSearchParams(fragment).has("v");
}

/** Reads a fragment for the model that is loaded: what the model or the page would refuse is left out, and named. */
export function readLink(fragment: string, info: EngineInfo): OpenedLink {
  const fields = new Map(new URLSearchParams(fragment));
  const take = (name: string) => {
    const value = fields.get(name);
    fields.delete(name);
    return value;
  };
  const version = take("v");
  if (version !== linkVersion) {
    const problem = `The version of the link must be ${linkVersion}: found ${found(version)}`;
    return { settings: {}, problems: [problem] };
  }
  const problems: string[] = [];
  const opened = {
    prompt: take("prompt"),
    infill: readInfill(take("infill"), problems),
    model: readModel(take("model"), problems),
    settings: readSettings({ take, problems, prefix: "" }, info, {
      present: laneSettings[0].value,
      request: requestDeclarations(info),
    }),
    second: fields.has(`${secondPrefix}decoder`)
      ? readSettings({ take, problems, prefix: secondPrefix }, info, {
          present: laneSettings[1].value,
          request: laneDeclarations(info),
        })
      : undefined,
  };
  for (const name of fields.keys()) problems.push(`‘${name}’ is not a field that this page knows`);
  return { ...opened, problems };
}

function readInfill(template: string | undefined, problems: string[]): readonly InfillSegment[] | undefined {
  if (template === undefined) return undefined;
  try {
    return readTemplate(template);
  } catch (error) {
    problems.push(`‘infill’: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** A hub id with or without a revision, an address, or a path of the page's own server. */
const modelForm = /^([\w.-]+\/[\w.-]+(@[\w./-]+)?|https?:\/\/\S+|\.{0,2}\/[^/\s]\S*)$/;

function readModel(model: string | undefined, problems: string[]): string | undefined {
  if (model === undefined || modelForm.test(model)) return model;
  problems.push(`‘model’ must be a hub id such as owner/name, or an address: found ${found(model)}`);
  return undefined;
}
