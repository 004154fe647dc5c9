/** The keys of a replay, where somebody can press them. */
import { emitKeypressEvents, type Key } from "node:readline";
import type { Io } from "../io.ts";
import { isLive } from "../terminal.ts";
import type { PlaybackKey } from "./playback.ts";

export const keysHelp = "space pauses · ←/→ step · +/- speed · q quits";

export interface KeyListener {
  readonly onKey: (key: PlaybackKey) => void;
  /** Ctrl-C, which a terminal that sends single keys does not send as a signal. */
  readonly onInterrupt: () => void;
}

/** Listens to the keys until the returned function is called; undefined where there is no keyboard. */
export function listenToKeys(io: Io, { onKey, onInterrupt }: KeyListener): (() => void) | undefined {
  const { stdin } = io;
  if (!isLive(io) || !stdin.isTTY || !stdin.setRawMode) return undefined;
  const press = (text: string | undefined, key: Key) => {
    if (key.ctrl && key.name === "c") return onInterrupt();
    const meant = keys.get(text ?? "") ?? keys.get(key.name ?? "");
    if (meant && !key.ctrl && !key.meta) onKey(meant);
  };
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.on("keypress", press);
  stdin.resume();
  return () => {
    stdin.off("keypress", press);
    stdin.pause();
    stdin.setRawMode?.(false);
  };
}

/** By the text of a key, or by the name that readline gives it. */
const keys: ReadonlyMap<string, PlaybackKey> = new Map([
  [" ", "pause"],
  ["left", "back"],
  ["right", "forward"],
  ["+", "faster"],
  ["=", "faster"],
  ["-", "slower"],
  ["q", "quit"],
]);
