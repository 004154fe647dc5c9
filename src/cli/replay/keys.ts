/** Keyboard control of a replay on a terminal. */
import { emitKeypressEvents, type Key } from "node:readline";
import type { Io } from "../io.ts";
import { isLive } from "../terminal.ts";
import type { PlaybackKey } from "./playback.ts";

export const keysHelp = "space pauses · ←/→ step · +/- speed · q quits";

export interface KeyListener {
  readonly onKey: (key: PlaybackKey) => void;
  /** Ctrl-C: in raw mode, the terminal sends it as a key instead of a signal. */
  readonly onInterrupt: () => void;
}

/** Listens for keys until the returned function is called; undefined without a keyboard. */
export function listenToKeys(io: Io, { onKey, onInterrupt }: KeyListener): (() => void) | undefined {
  const { stdin } = io;
  if (!isLive(io) || !stdin.isTTY || !stdin.setRawMode) return undefined;
  const press = (text: string | undefined, key: Key) => {
    if (key.ctrl && key.name === "c") return onInterrupt();
    const command = keys.get(text ?? "") ?? keys.get(key.name ?? "");
    if (command && !key.ctrl && !key.meta) onKey(command);
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

/** Commands by the text of a key, or by readline's name of the key. */
const keys: ReadonlyMap<string, PlaybackKey> = new Map([
  [" ", "pause"],
  ["left", "back"],
  ["right", "forward"],
  ["+", "faster"],
  ["=", "faster"],
  ["-", "slower"],
  ["q", "quit"],
]);
