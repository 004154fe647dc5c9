/**
 * A variable of the process's environment; undefined in a page, or if the variable is empty.
 * @throws Deno's error if the program has no permission to read the environment
 */
export function environmentVariable(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}

/** Whether a variable is switched on, by the rules of Hugging Face's tools. */
export function isOn(value: string | undefined): boolean {
  return ["1", "ON", "YES", "TRUE"].includes(value?.toUpperCase() ?? "");
}
