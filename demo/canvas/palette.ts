/** The colours of a canvas: a page makes a palette of its CSS properties, or takes one of these. */

/** CSS colours. */
export interface Palette {
  readonly text: string;
  /** Given tokens. */
  readonly given: string;
  /** A mask, and the border of one. */
  readonly mask: string;
  readonly maskBorder: string;
  /** The text of a guess under a mask. */
  readonly guess: string;
  /** Control tokens and tokens behind a stop. */
  readonly quiet: string;
  /** Backgrounds of commits, from unsure to sure: a confidence is placed among them. */
  readonly confidence: readonly string[];
  /** Backgrounds of commits by age: new in this step, recent, old. */
  readonly age: readonly [fresh: string, recent: string, old: string];
  /** The flash of a commit before it comes to rest, and of an edit. */
  readonly flash: string;
  readonly edit: string;
  readonly block: string;
  readonly window: string;
  /** The mark of a cell that the pass computed. */
  readonly recomputed: string;
  /** The outline of the cell that is pointed at, and of the selected ones. */
  readonly focus: string;
  readonly selection: string;
}
