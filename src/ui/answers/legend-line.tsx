import { FairFoulLegend } from '../../charts/fair-foul-legend';
import { Term } from '../parts/term';
import { shortHookPoint } from '../recipe/step-summaries';
import { useActions, useApp } from '../store-context';
import { useShownDirection, useShownSides } from '../use-shown-direction';
import { untintedLetters } from './untinted';
import { type VisibleRows, visibleText } from './visible-rows';

const STRONG_DEVIATIONS = 2;

/** Which questions are on screen, and what the words' tint means. */
export function LegendLine({ visible }: { visible: VisibleRows }) {
  const count = useApp((state) => state.document.questions.items.length);
  return (
    <div className="legend-line">
      <span>
        {visibleText(visible, count)} <span className="dim">{count > 1 && '↓ scroll, or J and K'}</span>
      </span>
      <span className="spacer" />
      <TintLegend />
    </div>
  );
}

/** The scale of the tint, the direction it belongs to, and the switch for strong words only. */
export function TintLegend({ short = false }: { short?: boolean }) {
  const direction = useShownDirection();
  const sides = useShownSides();
  const threshold = useApp((state) => state.session.tintThreshold);
  const untinted = useApp(untintedLetters);
  const actions = useActions();
  if (!direction) return <span className="dim">No tint: there is no direction to project on yet.</span>;
  const strongOnly = threshold > 0;
  return (
    <>
      {!short && (
        <span className="legend-direction">
          <Term of="projection">projection</Term> on {direction.name}, <span className="mono">{shortHookPoint(direction.hookPoint)}</span>
        </span>
      )}
      {untinted && <Term of="untinted">no tint on {untinted}</Term>}
      <button
        type="button"
        className="chip small"
        aria-pressed={strongOnly}
        title={`Tint only words beyond ${STRONG_DEVIATIONS} standard deviations`}
        onClick={() => actions.setSession({ tintThreshold: strongOnly ? 0 : STRONG_DEVIATIONS })}
      >
        strong words only
      </button>
      <span className="ramp">
        {sides.negative}
        {!short && <span className="ramp-end"> −4 σ</span>} <FairFoulLegend /> {!short && <span className="ramp-end">+4 σ </span>}
        {sides.positive}
      </span>
    </>
  );
}
