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

/** The controls of an effect in one line, all of them a press away. */
export function ControlsLine({ conditionId, controls, own }: { conditionId: string; controls: readonly ControlSummary[]; own: boolean }) {
  const staleFrom = useApp((state) => staleControlsLabel(state, conditionId));
  const actions = useActions();
  const [first, ...others] = controls;
  if (!first) return null;
  return (
    <Menu
      button={
        <>
          <span className="visually-hidden">Controls: </span>
          {staleFrom !== null && <span className="tag dashed">from {staleFrom}</span>}
          {first.label} {controlText(first, own)}
          {others.length > 0 && <span className="more-count"> +{others.length}</span>}
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
