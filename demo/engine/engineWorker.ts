/** The worker that holds the engine. */
import "../../src/remote/workerMain.ts";
