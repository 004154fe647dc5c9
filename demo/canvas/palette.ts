/** The colours of a canvas: a page makes a palette of its CSS properties, or takes one of these. */

/** CSS colours. */
export interface Palette {
  readonly text: string;
  /** Given tokens. */
  readonly given: string;
  /** The ground and the border of a mask. */
  readonly mask: string;
  readonly maskBorder: string;
  /** The ground of a pinned token of the answer, and the outline of such tokens. */
  readonly pinned: string;
  readonly pin: string;
  /** The border of a mask that the next run fills. */
  readonly open: string;
  /** A guess under a mask, and the level to which its confidence fills the mask. */
  readonly guess: string;
  readonly guessLevel: string;
  /** Control tokens and tokens behind a stop. */
  readonly quiet: string;
  /** Grounds of commits, from unsure to sure: a confidence is placed among them. */
  readonly confidence: readonly string[];
  /** Grounds of commits by age. */
  readonly age: { readonly fresh: string; readonly recent: string; readonly old: string };
  /** The flash of a commit before it comes to rest, and that of an edit, whose mark stays. */
  readonly flash: string;
  readonly edit: string;
  /** The outlines of the block and of the window that the pass computed. */
  readonly block: string;
  readonly window: string;
  /** The mark of a cell that the pass computed while others came from the cache. */
  readonly recomputed: string;
  /** The outline of the cell that is pointed at, and the one of selected cells. */
  readonly focus: string;
  readonly selection: string;
}

export const lightPalette: Palette = {
  text: "#1b1f2a",
  given: "#5b6474",
  mask: "#eef0f5",
  maskBorder: "#d3d8e2",
  pinned: "#ece9fb",
  pin: "#8b7fd6",
  open: "#c2255c",
  guess: "#4b5468",
  guessLevel: "#d9e0ee",
  quiet: "#a2aabb",
  confidence: ["#ffc9a8", "#ffdcae", "#fbedbb", "#dff0c8", "#c3ebd8", "#b4e4e6"],
  age: { fresh: "#ffd166", recent: "#c9e4ff", old: "#eceff4" },
  flash: "#ffb703",
  edit: "#d6336c",
  block: "#4263eb",
  window: "#0c8599",
  recomputed: "#0c8599",
  focus: "#111827",
  selection: "#7048e8",
};

export const darkPalette: Palette = {
  text: "#eef1f8",
  given: "#98a1b5",
  mask: "#1b2030",
  maskBorder: "#30374a",
  pinned: "#2a2647",
  pin: "#8f83dd",
  open: "#ff8fb1",
  guess: "#b4bdd2",
  guessLevel: "#2a3247",
  quiet: "#5d667c",
  confidence: ["#7a3b1e", "#6f4a1c", "#5d5420", "#3f5a2b", "#245c46", "#175a63"],
  age: { fresh: "#b07d08", recent: "#1f4d7a", old: "#252b3b" },
  flash: "#ffc83d",
  edit: "#ff6b9d",
  block: "#7c96ff",
  window: "#3bc9db",
  recomputed: "#3bc9db",
  focus: "#ffffff",
  selection: "#b197fc",
};
