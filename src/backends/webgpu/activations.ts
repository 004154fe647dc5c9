/** Whether activations are rounded to int8 for products in integers, and why not where that is wanted. */

/** Activations beside weights of q8_0 and q4_0: as they are, or rounded to int8 in blocks of 32. */
export type Activations = "f32" | "int8";

const languageFeature = "packed_4x8_integer_dot_product";

export interface ActivationsChoice {
  readonly int8Activations: boolean;
  /** For the description of the device; empty by default. */
  readonly text: string;
}

export function chooseActivations(
  wanted: Activations,
  { gpu, software }: { readonly gpu: GPU | undefined; readonly software: boolean },
): ActivationsChoice {
  if (wanted === "f32") return { int8Activations: false, text: "" };
  const whyNot = software
    ? "the adapter computes on the CPU"
    : gpu?.wgslLanguageFeatures?.has(languageFeature)
      ? undefined
      : `its WGSL has no ${languageFeature}`;
  const int8Activations = whyNot === undefined;
  return {
    int8Activations,
    text: int8Activations ? "; activations in int8" : `; activations in f32, as ${whyNot}`,
  };
}
