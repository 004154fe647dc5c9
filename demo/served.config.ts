/** The page that `unmask serve` serves, which puts the embedded model beside it. */
import { pageConfig } from "./pageConfig.ts";

export default pageConfig();
