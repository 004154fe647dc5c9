/** What a model of a page would take, and what its download would fetch: computed in a worker, before anything is loaded. */
import {
  type DownloadNeed,
  type Fits,
  fitsOf,
  type Model,
  quantizations,
  type SizeOptions,
} from "../core/index.ts";
import { type WebModel, webBackend, webModel } from "./webEngine.ts";

export interface WebFitsOptions extends WebModel {
  /** `auto` (default), `webgpu` or `cpu`. */
  readonly backend?: string;
}

export interface WebFits extends Fits {
  /** `webgpu` or `cpu`, and why. */
  readonly backend: string;
  readonly reason: string;
  /** Absent if nothing is downloaded: files that the user chose, or weights that are read by ranges. */
  readonly download?: DownloadNeed;
}

/** Maximum positions of a sequence that are offered; models allow more, which a page can hardly hold. */
const contexts = [512, 1024, 2048, 4096, 8192, 16384, 32768];

/** @throws DiffusionError as `fitsOf` and `loadWebEngine` */
export async function webFits({ backend = "auto", ...named }: WebFitsOptions): Promise<WebFits> {
  const source = webModel(named);
  let picked = { backend, reason: "" };
  const onPick = (name: string, reason: string) => {
    picked = { backend: name, reason };
  };
  const factory = webBackend(backend, { profile: false, onPick });
  const fits = await fitsOf(source, { backend: factory, choices });
  const download = await source.downloadNeed?.(fits.files);
  return { ...fits, ...picked, ...(download && { download }) };
}

/** Every type of weights, the most exact first, and of keys and values, with several contexts; the K/V pool holds one sequence. */
function choices({ architecture }: Model): readonly SizeOptions[] {
  const { context: most, headDimension } = architecture;
  const sizes = [...contexts.filter((context) => context < most), Math.min(most, contexts.at(-1)!)];
  // An f16 cache packs pairs.
  const cacheDTypes = headDimension % 2 === 0 ? (["f32", "f16"] as const) : (["f32"] as const);
  return quantizations.flatMap((quantize) =>
    cacheDTypes.flatMap((cacheDType) =>
      [...new Set(sizes)].map((context) => ({ quantize, cacheDType, context, batch: 1 })),
    ),
  );
}
