import { settingLabel } from '../../store/condition-run';
import { type ControlsCause, staleControlsCauses } from '../../store/staleness';
import type { AppState, ControlSummary } from '../../store/state';
import { Menu } from '../parts/menu';
import { useActions, useApp } from '../store-context';
import { controlsSummary, controlText, evidenceText, stoppedText } from './controls-summary';
import { rateIntervalText } from './main-score';

const CAUSES: Record<ControlsCause, string> = { setting: 'the setting', judge: 'the judge', questions: 'the questions' };

/** What a person must know of controls that are not of the present setting: a tag of few words, and a sentence. */
export interface StaleControls {
  tag: string;
  sentence: string;
}

/** `from +0.80` and what has changed since; null while the controls are of the present setting. */
export function staleControls(state: AppState, conditionId: string): StaleControls | null {
  const causes = staleControlsCauses(state, conditionId);
  const [first] = state.runtime.controls[conditionId] ?? [];
  const record = state.document.conditions.find(({ id }) => id === conditionId);
  if (!first || !record || causes.length === 0) return null;
  const moved = first.madeFrom !== settingLabel(state.document, record);
  const names = causes.map((cause) => CAUSES[cause]);
  const list = names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names[0];
  const have = names.length > 1 || causes[0] === 'questions' ? 'have' : 'has';
  return {
    tag:
      causes.includes('setting') && moved
        ? `from ${first.madeFrom}`
        : causes.includes('setting')
          ? 'other setting'
          : `other ${causes.join(', ')}`,
    sentence: `Made at ${first.madeFrom}. Since then ${list} ${have} changed.`,
  };
}

/** What the table holds: other vectors in the same edit, an adapter in its place, or both. */
function captionOf(controls: readonly ControlSummary[]): string {
  const adapter = 'an adapter trained on good data in place of the edit';
  const adapters = controls.filter(({ kind }) => kind === 'goodAdapter').length;
  if (adapters === 0) return 'The same edit with another vector';
  return adapters === controls.length ? `Control: ${adapter}` : `The same edit with another vector, and ${adapter}`;
}

/** Whether the controls stand on the judge's own score: as they were made, which may have been with another judge than the effect. */
function ownScore(controls: readonly ControlSummary[], effectHasOwn: boolean): boolean {
  const scored = controls.filter(({ alignment, custom }) => alignment.n + custom.n > 0);
  return scored.length > 0 ? scored.every(({ alignment }) => alignment.n === 0) : effectHasOwn;
}

/** The controls of an effect in one line, all of them a press away; `own` where the effect stands on the judge's own score. */
export function ControlsLine(props: { conditionId: string; controls: readonly ControlSummary[]; own: boolean }) {
  const { conditionId, controls } = props;
  // As text, so that a token that streams in is no new object.
  const staleText = useApp((state) => JSON.stringify(staleControls(state, conditionId)));
  const stale = JSON.parse(staleText) as StaleControls | null;
  const actions = useActions();
  const own = ownScore(controls, props.own);
  const { text, draws, detail, count } = controlsSummary(controls, own);
  if (count === 0) return null;
  const note = stale ?? stoppedText(controls);
  return (
    <Menu
      button={
        <>
          <span className="visually-hidden">Controls: </span>
          {/* A tag takes the detail's place; the panel holds both. */}
          <span className="controls-text">{note ? text : text + draws + detail}</span>
          {note && (
            <span className="tag dashed">
              {note.tag.startsWith('from ') && <span className="long">from </span>}
              {note.tag.replace(/^from /, '')}
            </span>
          )}
          {!note && controls.length > count && <span className="more-count"> · {controls.length - count} more</span>}
        </>
      }
      buttonClass={['controls-line', note && 'tagged', stale && 'stale'].filter(Boolean).join(' ')}
      align="end"
    >
      {() => (
        <>
          <table className="controls-table">
            <caption>{captionOf(controls)}</caption>
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
                  <td>{control.coherence.mean === null ? '' : Math.round(control.coherence.mean) + evidenceText(control.coherence)}</td>
                  <td>{control.em.n > 0 && `${control.em.k}/${control.em.n} ${rateIntervalText(control.em)}`}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {note && (
            <p className="row controls-stale">
              <span className="grow">{note.sentence}</span>
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
