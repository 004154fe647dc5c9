/** Gives a file to the person, as a download. */
export function saveFile(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser begins to read the file after the click.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
