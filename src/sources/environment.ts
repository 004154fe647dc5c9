/**
 * A variable of the process's environment; undefined in a page, and where it is empty.
 * @throws what Deno throws where it is not allowed to look
 */
export function environmentVariable(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}
