import type { Parameters, ValuesOf } from "../declare/index.ts";
import type { SequenceOptions } from "./options.ts";
import { smoothingThreshold } from "./smoothing.ts";

/** The decoder's parameters in pass `iteration` of a sequence. Iteration smoothing replaces the decoder's threshold. */
export function decoderParameters(
  { smoothing, decoder }: Pick<SequenceOptions, "smoothing" | "decoder">,
  iteration: number,
): ValuesOf<Parameters> {
  const name = decoder.declaration.smoothed;
  if (!smoothing || !name) return decoder.parameters;
  const threshold = smoothingThreshold(smoothing, Number(decoder.parameters[name]), iteration);
  return { ...decoder.parameters, [name]: threshold };
}
