import { LeanBar } from '../../charts/lean-bar';
import { signed } from '../../charts/number-text';
import type { InterventionRecord } from '../../document/schema';
import { Term } from '../parts/term';
import { useWidth } from '../parts/use-width';
import { useApp } from '../store-context';
import { useLeanLack, useLeanSides } from '../use-lean-sides';

/** Lean of the first condition an intervention works in: the figure that follows the slider at once. */
export function LeanLine({ intervention }: { intervention: InterventionRecord }) {
  const condition = useApp((state) => state.document.conditions.find(({ interventionIds }) => interventionIds.includes(intervention.id)));
  const lean = useApp((state) => (condition ? (state.runtime.summaries[condition.id]?.lean ?? null) : null));
  const stale = useApp((state) => (condition ? (state.runtime.summaries[condition.id]?.leanStale ?? false) : false));
  const sides = useLeanSides();
  const lack = useLeanLack();
  const [box, width] = useWidth<HTMLDivElement>(130);
  if (!condition) return <p className="lean-line note">No condition uses this edit yet: add it to one with its pen.</p>;
  return (
    <div className="lean-line">
      <div className="row">
        <span className="grow">
          <Term of="lean">lean</Term>{' '}
          <span className="dim">{lean && lean.n > 0 ? `instant, ${lean.n} pairs` : stale ? 'being read' : lack}</span>
        </span>
        <b className={stale ? 'stale' : undefined}>{lean?.mean == null ? '' : signed(lean.mean)}</b>
        <span className="dim">nat/token</span>
      </div>
      <div className="lean-ends">
        <span>‹ {sides.negative}</span>
        <div ref={box}>
          <LeanBar data={lean} sides={sides} width={width} height={14} stale={stale} />
        </div>
        <span>{sides.positive} ›</span>
      </div>
    </div>
  );
}
