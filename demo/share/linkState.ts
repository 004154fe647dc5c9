/** The link that the page was opened with, and the link to what the page would run next. */
import { effect, signal, untracked } from "@preact/signals";
import type { EngineInfo } from "../../src/core/index.ts";
import { laneFields, sharedFields, type Values } from "../controls/declarations.ts";
import { type Example, examples } from "../controls/examples.ts";
import { example, prompt, writePrompt } from "../controls/promptState.ts";
import { change, isComparing, laneSettings, type Settings, shared } from "../controls/settings.ts";
import { type EngineState, engineState } from "../engine/engineState.ts";
import type { ModelChoice } from "../engine/modelChoice.ts";
import { openModel } from "../engine/offerState.ts";
import { isLink, type OpenedLink, readLink, writeLink } from "./link.ts";

/** What a link gave to the page: shown until it is dismissed. */
export interface LinkReport {
  /** Whether nothing of the link could be used. */
  readonly isRefused: boolean;
  readonly problems: readonly string[];
  /** The model that the link names and that is not loaded: to load it takes a click, as it can be large and comes from elsewhere. */
  readonly model: string | undefined;
}

export const linkReport = signal<LinkReport | undefined>(undefined);

interface Waiting {
  readonly fragment: string;
  /**
   * The address of the model that is loaded for the link; absent for the engine that there is. The prompt then stays as it is: the
   * person may have changed it meanwhile.
   */
  readonly model?: string;
}

/** The link that waits for an engine, whose declarations its fields are checked with. */
const waiting = signal<Waiting | undefined>(undefined);
let opened = "";

/** Opens the link in the page's address, now and whenever the address changes. */
export function followLinks(): void {
  const open = () => {
    const fragment = location.hash.slice(1);
    if (!isLink(fragment)) return;
    opened = fragment;
    waiting.value = { fragment };
  };
  addEventListener("hashchange", open);
  open();
  effect(() => {
    const state = engineState.value;
    const next = waiting.value;
    if (state.phase !== "ready" || !next) return;
    if (next.model !== undefined && next.model !== addressIn(state)) return;
    untracked(() => {
      waiting.value = undefined;
      apply(readLink(next.fragment, state.engine.info), state.engine.info, next);
    });
  });
}

function apply(link: OpenedLink, info: EngineInfo, { model: loaded }: Waiting): void {
  if (link.prompt !== undefined && loaded === undefined) {
    writePrompt(link.prompt);
    example.value = exampleOf(link);
  }
  const { request = {}, ...rest } = link.settings;
  shared.value = partOf(request, sharedFields);
  change({ ...rest, request: partOf(request, laneFields) }, info);
  isComparing.value = link.second !== undefined;
  if (link.second) change(link.second, info, 1);
  const model = link.model === addressIn(engineState.value) ? undefined : link.model;
  const isRefused = link.prompt === undefined && Object.keys(link.settings).length === 0;
  linkReport.value = { isRefused, problems: link.problems, model };
}

function partOf(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}

/** The page's own example of the same prompt and pinned text, or one of the link. */
function exampleOf({ prompt: text = "", infill }: OpenedLink): Example | undefined {
  const own = examples.find(
    (each) => each.prompt === text && JSON.stringify(each.infill) === JSON.stringify(infill),
  );
  if (own || !infill) return own;
  return { label: "Link", prompt: text, infill, blockLength: null, genLength: 1 };
}

/** Loads the model that the link names, and then applies the link's settings to it. */
export function loadLinkedModel(): void {
  const address = linkReport.value?.model;
  const state = engineState.value;
  if (address === undefined) return;
  linkReport.value = undefined;
  waiting.value = { fragment: opened, model: address };
  const backend = state.phase === "none" ? "auto" : state.choice.backend;
  void openModel({ model: { kind: "address", address }, backend });
}

export function dismissLink(): void {
  linkReport.value = undefined;
  waiting.value = undefined;
}

/** The address of the page with what it would run next, and what the link cannot hold. */
export function presentLink(): { readonly address: string; readonly leavesOut: string | undefined } {
  const infill = example.value?.infill;
  const model = addressIn(engineState.value);
  const [first, second] = laneSettings;
  const settings: Settings = { ...first.value, request: { ...shared.value, ...first.value.request } };
  const fragment = writeLink({
    prompt: prompt.value,
    infill,
    settings,
    second: isComparing.value ? second.value : undefined,
    model,
  });
  const isLocal = !["embedded", "address", undefined].includes(modelIn(engineState.value)?.kind);
  return {
    address: `${location.href.replace(/#.*$/, "")}#${fragment}`,
    leavesOut: isLocal ? "The model is not in it: a folder of this device cannot be shared." : undefined,
  };
}

function modelIn(state: EngineState): ModelChoice | undefined {
  return state.phase === "none" ? undefined : state.choice.model;
}

function addressIn(state: EngineState): string | undefined {
  const model = modelIn(state);
  return model?.kind === "address" ? model.address : undefined;
}
