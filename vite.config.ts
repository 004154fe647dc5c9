/** The page in demo/: `npm run demo` serves it, `npm run demo:build` makes static files of it. */
import { pageConfig } from "./demo/pageConfig.ts";
import { embeddedFolder } from "./src/sources/embeddedFolder.ts";

export default pageConfig(embeddedFolder);
