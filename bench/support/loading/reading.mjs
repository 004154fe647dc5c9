// What loading is compared with: reading alone.

const readBytes = 8 * 2 ** 20;
const concurrentReads = 4;

/** Reads all files of a source as the loader does, and drops the bytes. @returns seconds */
export async function secondsOfReading(source, names) {
  const opened = await Promise.all(names.map((name) => source.open(name)));
  const ranges = opened.flatMap((file) =>
    Array.from({ length: Math.ceil(file.size / readBytes) }, (_, index) => {
      const offset = index * readBytes;
      return { file, offset, length: Math.min(readBytes, file.size - offset) };
    }),
  );
  const started = performance.now();
  const next = ranges.values();
  const reader = async () => {
    for (const { file, offset, length } of next) await file.read(offset, length);
  };
  await Promise.all(Array.from({ length: concurrentReads }, reader));
  return (performance.now() - started) / 1000;
}
