/** The models that this browser keeps: their sizes, buttons that load and delete them, and the room that is left. */
import { useSignal } from "@preact/signals";
import type { KeptModel } from "../../src/sources/index.ts";
import { choiceOf, deleteModel, isInUse, type Kept, kept } from "../engine/keptState.ts";
import { chosen, openModel } from "../engine/offerState.ts";
import { opensOffline } from "../offline/register.ts";
import { ProblemNote } from "./ProblemNote.tsx";
import { bytesText } from "./units.ts";

export function KeptModels() {
  const list = kept.value;
  return (
    <section class="kept" aria-label="Kept models">
      <h3>Kept in this browser</h3>
      {list?.problem && <ProblemNote problem={list.problem} />}
      {list && list.models.length > 0 && (
        <ul>
          {list.models.map((model) => (
            <KeptRow key={model.name} model={model} />
          ))}
        </ul>
      )}
      <p class="help">
        {list ? useText(list) : "\u00a0"}
        {opensOffline.value && " This page and complete models from a hub work without a network."}
      </p>
    </section>
  );
}

function KeptRow({ model }: { readonly model: KeptModel }) {
  const isConfirming = useSignal(false);
  const inUse = isInUse(model);
  return (
    <li>
      <span class="kept-name">{model.name}</span>
      <span class="kept-size">{sizeText(model)}</span>
      <span class="kept-buttons">
        {inUse ? (
          <span class="help">in use</span>
        ) : (
          <>
            <button
              type="button"
              class="quiet"
              onClick={() => void openModel({ model: choiceOf(model), backend: chosen.peek().backend })}
            >
              {model.isComplete ? "Load" : "Continue"}
            </button>
            <button
              type="button"
              class="quiet"
              onClick={() => {
                if (isConfirming.value) void deleteModel(model);
                isConfirming.value = !isConfirming.value;
              }}
              onBlur={() => {
                isConfirming.value = false;
              }}
              aria-label={`Delete ${model.name}`}
            >
              {isConfirming.value ? "Really?" : "Delete"}
            </button>
          </>
        )}
      </span>
    </li>
  );
}

function sizeText({ bytes, totalBytes, isComplete }: KeptModel): string {
  if (isComplete) return bytesText(bytes);
  return totalBytes === undefined
    ? `${bytesText(bytes)}, unfinished`
    : `${bytesText(bytes)} of ${bytesText(totalBytes)}`;
}

function useText({ models, use }: Kept): string {
  const bytes = models.reduce((sum, model) => sum + model.bytes, 0);
  const total = models.length === 0 ? "No models yet." : `${bytesText(bytes)} in all.`;
  if (!use) return total;
  return `${total} The browser grants this page ${bytesText(use.quotaBytes)}, of which ${bytesText(use.usedBytes)} are used.`;
}
