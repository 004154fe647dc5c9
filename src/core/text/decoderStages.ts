import { bytesOfToken } from "./byteAlphabet.ts";

/** A token on its way through a decoder; one that a stage has fused from several comes in several chunks. */
export interface Chunk {
  readonly text: string;
  /** Whether a token starts, and ends, with this chunk. */
  readonly starts: boolean;
  readonly ends: boolean;
  /** An added token stands for its own text, whatever alphabet the vocabulary is written in. */
  readonly added: boolean;
}

export interface Sink {
  push(chunk: Chunk): void;
  finish(): void;
}

/** One step of a decoder: wraps the sink that its output goes to. */
export type Stage = (next: Sink) => Sink;

/** Changes whole tokens, so it gives a fused token only once everything has been decoded. */
export const perToken =
  (change: (token: string, index: number) => string): Stage =>
  (next) => {
    let held = "";
    let index = 0;
    return {
      push({ text, starts, ends, added }) {
        held = starts ? text : held + text;
        if (ends) next.push({ text: change(held, index++), starts, ends, added });
      },
      finish: () => next.finish(),
    };
  };

/** Gives its output as one token. */
function asOneToken(next: Sink): { push(text: string): void; finish(rest: string): void } {
  let starts = true;
  const push = (text: string, ends: boolean) => {
    next.push({ text, starts, ends, added: false });
    starts = false;
  };
  return {
    push(text) {
      if (text !== "") push(text, false);
    },
    finish(rest) {
      push(rest, true);
      next.finish();
    },
  };
}

/** Makes all tokens one. */
export const fuse: Stage = (next) => {
  const output = asOneToken(next);
  return { push: ({ text }) => output.push(text), finish: () => output.finish("") };
};

const utf8 = () => new TextDecoder("utf-8", { ignoreBOM: true });

/** Tokens in the byte alphabet become the text whose UTF-8 bytes they are. */
export const byteLevel: Stage = (next) => {
  const output = asOneToken(next);
  const decoder = utf8();
  const encoder = new TextEncoder();
  return {
    push({ text, added }) {
      // the end of the stream comes first: an added token cuts a character that bytes before it had begun
      if (added) output.push(decoder.decode() + text);
      else output.push(decoder.decode(bytesOfToken(text) ?? encoder.encode(text), { stream: true }));
    },
    finish: () => output.finish(decoder.decode()),
  };
};

/** A run of tokens like `<0xE4>` becomes the text whose UTF-8 bytes they are; other tokens pass. */
export const byteFallback: Stage = (next) => {
  const decoder = utf8();
  let inRun = false;
  const endRun = () => {
    if (inRun) next.push({ text: decoder.decode(), starts: false, ends: true, added: false });
    inRun = false;
  };
  return {
    push(chunk) {
      const whole = chunk.starts && chunk.ends;
      const hex = whole ? /^<0x([0-9A-Fa-f]{2})>$/.exec(chunk.text)?.[1] : undefined;
      if (hex === undefined) {
        endRun();
        next.push(chunk);
        return;
      }
      const text = decoder.decode(Uint8Array.of(Number.parseInt(hex, 16)), { stream: true });
      next.push({ text, starts: !inRun, ends: false, added: false });
      inRun = true;
    },
    finish() {
      endRun();
      next.finish();
    },
  };
};

/** Cuts up to `count` of the character `content` from the start of each token. */
export const stripStart =
  (content: string, count: number): Stage =>
  (next) => {
    let left = 0;
    return {
      push({ text, starts, ends, added }) {
        if (starts) left = count;
        let cut = 0;
        while (left > 0 && cut < text.length) {
          if (text[cut] === content) {
            cut++;
            left--;
          } else left = 0;
        }
        next.push({ text: text.slice(cut), starts, ends, added });
      },
      finish: () => next.finish(),
    };
  };

/** Cuts up to `count` of the character `content` from the end of each token. */
export const stripStop = (content: string, count: number): Stage =>
  perToken((token) => {
    let end = token.length;
    while (end > 0 && token.length - end < count && token[end - 1] === content) end--;
    return token.slice(0, end);
  });
