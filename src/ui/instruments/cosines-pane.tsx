import { useState } from 'react';
import { CosineMatrix, cosineMatrixTable } from '../../charts/cosine-matrix';
import { plain } from '../../charts/number-text';
import { useApp } from '../store-context';
import { Pane } from './pane';

/** How alike the kept directions are. */
export function CosinesPane({ large = false }: { large?: boolean }) {
  const cosines = useApp((state) => state.runtime.cosines);
  const [active, setActive] = useState<{ row: number; column: number } | null>(null);
  const value = active && cosines?.values[active.row]?.[active.column];
  const caption =
    typeof value === 'number' && cosines && active
      ? `${cosines.names[active.row]}, ${cosines.names[active.column]}: ${plain(value, 3)}`
      : (cosines?.hookPoint ?? '').replace(/\.hook_resid_post$/, '');
  return (
    <Pane
      id="cosines"
      title="Cosines"
      caption={caption}
      large={large}
      table={cosines && cosines.names.length > 1 ? () => cosineMatrixTable(cosines) : null}
    >
      {(box) => <CosineMatrix data={cosines} {...box} active={active} onHover={setActive} />}
    </Pane>
  );
}
