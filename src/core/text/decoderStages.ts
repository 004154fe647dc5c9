import { bytesOfToken } from "./byteAlphabet.ts";

/** A token, or a part of one, between two stages of a decoder. A token that a stage fused from several has several chunks. */
export interface Chunk {
  readonly text: string;
  /** Whether this chunk is the first of its token. */
  readonly starts: boolean;
  /** Whether this chunk is the last of its token. */
  readonly ends: boolean;
  /** Whether the token is an added token, which decodes to its own text, whatever the alphabet of the vocabulary. */
  readonly added: boolean;
}

export interface Sink {
  push(chunk: Chunk): void;
  finish(): void;
}

/** One stage of a decoder. It takes the sink for its output and returns the sink for its input. */
export type Stage = (next: Sink) => Sink;

/** Changes whole tokens; a fused token is therefore held back until its end. */
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

/** Joins its output to one token. */
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

/** Joins all tokens to one. */
export const fuse: Stage = (next) => {
  const output = asOneToken(next);
  return { push: ({ text }) => output.push(text), finish: () => output.finish("") };
};

const utf8 = () => new TextDecoder("utf-8", { ignoreBOM: true });

/** Decodes tokens in the byte alphabet as UTF-8. */
export const byteLevel: Stage = (next) => {
  const output = asOneToken(next);
  const decoder = utf8();
  const encoder = new TextEncoder();
  return {
    push({ text, added }) {
      // an added token ends the bytes before it, also within a character
      if (added) output.push(decoder.decode() + text);
      else output.push(decoder.decode(bytesOfToken(text) ?? encoder.encode(text), { stream: true }));
    },
    finish: () => output.finish(decoder.decode()),
  };
};

/** Decodes runs of tokens like `<0xE4>` as UTF-8; other tokens pass unchanged. */
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

/** Removes up to `count` characters `content` from the start of each token. */
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

/** Removes up to `count` characters `content` from the end of each token. */
export const stripStop = (content: string, count: number): Stage =>
  perToken((token) => {
    let end = token.length;
    while (end > 0 && token.length - end < count && token[end - 1] === content) end--;
    return token.slice(0, end);
  });
