/** The counters of a run at a frame. */
import { countersAt, type Series } from "../run/index.ts";

interface RunNumbersProps {
  readonly series: Series | undefined;
  /** -1 before the run has started. */
  readonly frame: number;
}

export function RunNumbers({ series, frame }: RunNumbersProps) {
  const counters = series && frame >= 0 ? countersAt(series, frame) : undefined;
  return (
    <dl class="numbers">
      <Figure name="forwards" title="Passes of the model" value={counters?.forwards} digits={0} />
      <Figure
        name="tokens / forward"
        title="Tokens of the answer for each pass"
        value={counters?.tokensPerForward}
        digits={1}
      />
      <Figure
        name="tokens / second"
        title="Tokens of the answer for each second"
        value={counters?.tokensPerSecond}
        digits={0}
      />
      <Figure name="ms / forward" title="Mean time of a pass" value={counters?.msPerForward} digits={1} />
      <Figure
        name="commits"
        title="Positions that the decoder has decided"
        value={counters?.committed}
        digits={0}
      />
      <Figure
        name="masks left"
        title="Positions that are still masked"
        value={counters?.masksLeft}
        digits={0}
      />
    </dl>
  );
}

interface FigureProps {
  readonly name: string;
  readonly title: string;
  readonly value: number | undefined;
  readonly digits: number;
}

function Figure({ name, title, value, digits }: FigureProps) {
  return (
    <div title={title}>
      <dt>{name}</dt>
      <dd>{value === undefined ? "–" : value.toFixed(digits)}</dd>
    </div>
  );
}
