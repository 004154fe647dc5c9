export { fromBytePairFiles, hasBytePairFiles } from "./bytePairFiles.ts";
export * from "./chat.ts";
export type { Piece, TextStream } from "./decoder.ts";
export * from "./detokenizer.ts";
export type { SpecialMatch, SpecialText, TextPart } from "./encoder.ts";
export type { TokenizerFiles, TokenRole } from "./files.ts";
export * from "./stops.ts";
export * from "./template.ts";
export * from "./tokenizer.ts";
