/** What a chosen model would take, before its download begins: sizes to choose, whether it fits, and the buttons. */
import { useSignal } from "@preact/signals";
import type { Fit } from "../../src/core/index.ts";
import type { WebFits } from "../../src/remote/index.ts";
import type { EngineChoice } from "../engine/engineState.ts";
import { firstFit, memoryBytes, verdictOf } from "../engine/fitChoice.ts";
import { forget } from "../engine/keptState.ts";
import { nameOf } from "../engine/modelChoice.ts";
import { accept, declineOffer, deviceMemory, type Offer, offer } from "../engine/offerState.ts";
import { keepStorage } from "../engine/storage.ts";
import { downloadText, roomText, verdictText } from "./fitText.ts";
import { ProblemNote } from "./ProblemNote.tsx";
import { SizeFields } from "./SizeFields.tsx";
import { bytesText, countText } from "./units.ts";

export function ModelOffer() {
  return (
    <div class="offer" aria-live="polite" data-phase={offer.value.phase}>
      <Content state={offer.value} />
    </div>
  );
}

function Content({ state }: { readonly state: Offer }) {
  switch (state.phase) {
    case "none":
      return null;
    case "opening":
      return (
        <p class="opening">
          <span>Opening {nameOf(state.choice.model)}: reading its configuration and headers.</span>
          <button type="button" class="quiet" onClick={declineOffer}>
            Cancel
          </button>
        </p>
      );
    case "failed":
      return (
        <>
          <ProblemNote problem={state.problem} />
          <button type="button" class="quiet" onClick={declineOffer}>
            Close
          </button>
        </>
      );
    case "offered":
      return <Sizes choice={state.choice} fits={state.fits} freeBytes={state.freeBytes} />;
  }
}

interface SizesProps {
  readonly choice: EngineChoice;
  readonly fits: WebFits;
  readonly freeBytes: number | undefined;
}

function Sizes({ choice, fits, freeBytes }: SizesProps) {
  const first = firstFit(fits, deviceMemory);
  const picked = useSignal<Fit>(first ?? fits.fits[0]!);
  const fit = picked.value;
  const verdict = verdictOf(fit, fits.backend, deviceMemory);
  const room = roomText(fits, freeBytes);
  const load = () => {
    if (fits.download) void keepStorage();
    accept({ ...choice, sizes: fit.options });
  };
  return (
    <section class="sizes" aria-label="What the model takes">
      <h3>{nameOf(choice.model)}</h3>
      <dl>
        <Row name="Parameters" value={countText(fits.parameters)} />
        <Row name="Download" value={downloadText(fits)} />
        <Row name="Weights in memory" value={bytesText(fit.weightBytes)} />
        <Row name="Keys and values" value={bytesText(fit.cacheBytes)} />
        <Row name="Scratch" value={bytesText(fit.arenaBytes)} />
        <Row name="Together" value={bytesText(memoryBytes(fit))} />
      </dl>
      <SizeFields
        fits={fits.fits}
        fit={fit}
        onPick={(each) => {
          picked.value = each;
        }}
      />
      <p class={`verdict ${verdict.kind}`}>{verdictText(verdict, fits)}</p>
      {verdict.kind !== "fits" && first && first !== fit && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            picked.value = first;
          }}
        >
          Use sizes that fit
        </button>
      )}
      {verdict.kind !== "fits" && !first && (
        <p class="help">No choice fits. A smaller model, or another computer, is needed.</p>
      )}
      {room && <p class={room.isEnough ? "help" : "help refused"}>{room.text}</p>}
      <div class="line">
        <button
          type="button"
          class="primary"
          disabled={verdict.kind === "exceeds" || room?.isEnough === false}
          onClick={load}
        >
          {fits.download && fits.download.totalBytes > 0 ? "Download and load" : "Load"}
          {verdict.kind === "risky" ? " anyway" : ""}
        </button>
        <button
          type="button"
          onClick={() => {
            declineOffer();
            void forget(choice, fits.download);
          }}
        >
          Not now
        </button>
      </div>
    </section>
  );
}

function Row({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
