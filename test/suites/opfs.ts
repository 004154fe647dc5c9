/** A model in the browser's private file system: runs in browsers alone. */
import { Engine, type ModelSource } from "../../src/core/index.ts";
import { opfs } from "../../src/sources/index.ts";
import { equal, failure, type Suite } from "./suite.ts";

const names = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"];

/** @param model a small one */
export function opfsSuite(model: ModelSource): Suite {
  const cases = [
    {
      name: "a model that was copied there is the same model",
      run: async () => {
        const root = await navigator.storage.getDirectory();
        const models = await root.getDirectoryHandle("models", { create: true });
        const folder = await models.getDirectoryHandle("tiny", { create: true });
        for (const name of names) {
          const file = await model.open(name);
          const writer = await (await folder.getFileHandle(name, { create: true })).createWritable();
          await writer.write((await file.read(0, file.size)) as Uint8Array<ArrayBuffer>);
          await writer.close();
        }
        const source = opfs("models/tiny");
        equal(await source.list(), names, "names");
        const plans = await Promise.all([source, model].map((each) => Engine.plan(each)));
        equal(plans[0]!.checkpointBytes, plans[1]!.checkpointBytes, "bytes of the checkpoint");
        const [copy, original] = await Promise.all([source, model].map((each) => each.open(names[1]!)));
        const start = original!.size - 1000;
        equal(
          [...(await copy!.read(start, 1000))],
          [...(await original!.read(start, 1000))],
          "its last bytes",
        );
      },
    },
    {
      name: "a folder that is not there is not found",
      run: async () => {
        const error = await failure(() => opfs("models/none").list());
        equal((error as { code?: string }).code, "not-found", "code");
      },
    },
  ];
  return { name: "OPFS: model", cases };
}
