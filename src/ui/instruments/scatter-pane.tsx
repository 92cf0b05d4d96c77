import { useState } from 'react';
import { ActivationScatter, activationScatterTable } from '../../charts/activation-scatter';
import { isScatterStale } from '../../store/staleness';
import { useApp } from '../store-context';
import { useShownSides } from '../use-shown-direction';
import { Pane } from './pane';
import { ComputeRemedy } from './remedies';

/** Pooled activations of the two classes in the plane of the direction. */
export function ScatterPane({ large = false }: { large?: boolean }) {
  const points = useApp((state) => state.runtime.scatter);
  const stale = useApp(isScatterStale);
  const sides = useShownSides();
  const [active, setActive] = useState<number | null>(null);
  const positive = points.filter((point) => point.positive).length;
  const pointed = active === null ? undefined : points[active];
  const names = { positiveLabel: sides.positive, negativeLabel: sides.negative };
  return (
    <Pane
      id="scatter"
      title="Activations"
      caption={pointed?.label || (stale ? 'earlier' : points.length > 0 ? `${points.length - positive} + ${positive}` : '')}
      large={large}
      table={points.length > 0 ? () => activationScatterTable(points, names) : null}
      remedy={points.length === 0 ? <ComputeRemedy /> : stale ? <ComputeRemedy again /> : null}
    >
      {(box) => <ActivationScatter data={points} {...box} {...names} stale={stale} active={active} onHover={setActive} />}
    </Pane>
  );
}
