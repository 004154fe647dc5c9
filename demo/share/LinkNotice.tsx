/** What a link has filled in, what of it is left out, and the model that it names. */
import { dismissLink, linkReport, loadLinkedModel } from "./linkState.ts";

export function LinkNotice() {
  const report = linkReport.value;
  if (!report) return null;
  const { isRefused, problems, model } = report;
  return (
    <div class="link-notice" role="status">
      <p>
        <b>From a link.</b>{" "}
        {isRefused
          ? "This page cannot use it."
          : "The prompt and the settings are filled in. Nothing runs until you click Run."}
      </p>
      {problems.length > 0 && (
        <>
          {!isRefused && <p>Left out:</p>}
          <ul>
            {problems.map((problem) => (
              <li key={problem}>{problem}.</li>
            ))}
          </ul>
        </>
      )}
      {model !== undefined && (
        <p>
          The link names the model <code>{model}</code>. To load it downloads its files.
        </p>
      )}
      <div class="buttons">
        {model !== undefined && (
          <button type="button" onClick={loadLinkedModel}>
            Load this model
          </button>
        )}
        <button type="button" class="quiet" onClick={dismissLink}>
          {model === undefined ? "Dismiss" : "Keep the present model"}
        </button>
      </div>
    </div>
  );
}
