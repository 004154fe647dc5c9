/**
 * A variable of the process's environment; undefined in a page, and where it is empty.
 * @throws what Deno throws where it is not allowed to look
 */
export function environmentVariable(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}

/** Whether a variable is switched on, as Hugging Face's tools read one. */
export function isOn(value: string | undefined): boolean {
  return ["1", "ON", "YES", "TRUE"].includes(value?.toUpperCase() ?? "");
}
