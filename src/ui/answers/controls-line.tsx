import type { ControlSummary, Estimate } from '../../store/state';
import { staleControlsLabel } from '../../store/staleness';
import { Menu } from '../parts/menu';
import { useActions, useApp } from '../store-context';
import { intervalText, rateIntervalText } from './main-score';

/** `91 [87, 94]`, or how far a control has come. */
export function controlText(control: ControlSummary, own: boolean): string {
  const estimate: Estimate = own ? control.custom : control.alignment;
  if (control.status === 'failed') return 'failed';
  if (estimate.mean === null) return control.status === 'running' ? `running, n = ${estimate.n}` : `no score, n = ${estimate.n}`;
  return `${Math.round(estimate.mean)} ${intervalText(estimate)}`;
}

/** The controls that one line has room for: the random ones together, as `random ×3: 91–97`, else the first; and how many those are. */
export function controlsSummary(controls: readonly ControlSummary[], own: boolean): { text: string; count: number } {
  const random = controls.filter(({ kind }) => kind === 'random');
  const means = random.map((control) => (own ? control.custom : control.alignment).mean);
  const known = means.filter((mean) => mean !== null).map(Math.round);
  if (random.length > 1 && known.length === random.length) {
    const [least, most] = [Math.min(...known), Math.max(...known)];
    return { text: `random ×${random.length}: ${least === most ? least : `${least}–${most}`}`, count: random.length };
  }
  const [first] = controls;
  return first ? { text: `${first.label}: ${controlText(first, own)}`, count: 1 } : { text: '', count: 0 };
}

/** The controls of an effect in one line, all of them a press away. */
export function ControlsLine({ conditionId, controls, own }: { conditionId: string; controls: readonly ControlSummary[]; own: boolean }) {
  const staleFrom = useApp((state) => staleControlsLabel(state, conditionId));
  const actions = useActions();
  const { text, count } = controlsSummary(controls, own);
  if (count === 0) return null;
  return (
    <Menu
      button={
        <>
          <span className="visually-hidden">Controls: </span>
          {staleFrom !== null && <span className="tag dashed">from {staleFrom}</span>}
          {text}
          {controls.length > count && <span className="more-count"> · {controls.length - count} more</span>}
        </>
      }
      buttonClass={staleFrom === null ? 'controls-line' : 'controls-line stale'}
      align="end"
    >
      {() => (
        <>
          <table className="controls-table">
            <caption>The same edit with another vector</caption>
            <thead>
              <tr>
                <th scope="col">control</th>
                <th scope="col">{own ? 'score' : 'alignment'}</th>
                <th scope="col">coherence</th>
                <th scope="col">EM</th>
              </tr>
            </thead>
            <tbody>
              {controls.map((control) => (
                <tr key={`${control.kind} ${control.label}`}>
                  <th scope="row">{control.label}</th>
                  <td>{controlText(control, own)}</td>
                  <td>
                    {control.coherence.mean === null ? '' : `${Math.round(control.coherence.mean)} ${intervalText(control.coherence)}`}
                  </td>
                  <td>{control.em.n > 0 && `${control.em.k}/${control.em.n} ${rateIntervalText(control.em)}`}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {staleFrom !== null && (
            <p className="row controls-stale">
              <span className="grow">Made at {staleFrom}, which is no longer set.</span>
              <button type="button" className="button small" onClick={() => void actions.runControls(conditionId)}>
                Run again
              </button>
            </p>
          )}
        </>
      )}
    </Menu>
  );
}
