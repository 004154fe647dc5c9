/** The page with models/tiny as its embedded model, of which answers and counts are known. */
import { pageConfig } from "../../demo/pageConfig.ts";
import { tinyFolder } from "../support/tinyModel.ts";

export default pageConfig(tinyFolder);
