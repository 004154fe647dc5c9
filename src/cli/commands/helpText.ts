/** What help texts have in common. */

/** Examples at the end of a help text. */
export function examples(...lines: readonly string[]): string {
  return `Examples:\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
}

export const exitCodeHelp = "\nExit codes: 0 ok, 1 failure, 2 bad input or usage, 130 interrupted\n";
