// Downloads files of a model to a cache on disk. Run as a separate process: node downloadModel.mjs ENDPOINT FOLDER NAME...
import { diskCache } from "../../dist/node.js";
import { hub } from "../../dist/sources/index.js";

const [endpoint, folder, ...names] = process.argv.slice(2);
const source = hub("org/model", { endpoint, cache: diskCache(folder) });
await source.open("config.json");
await source.download(names);
