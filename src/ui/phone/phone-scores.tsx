import type { KeyboardEvent } from 'react';
import { SCORE_TOP, ScoreAxis, ScoreBlock, scoreBlockHeight } from '../../charts/score-strip';
import type { ConditionRecord } from '../../document/schema';
import { shownControls, staleControlsLabel } from '../../store/staleness';
import { ControlsLine } from '../answers/controls-line';
import { intervalText, mainScore, rateIntervalText } from '../answers/main-score';
import { NoScore, UnscoredLine } from '../answers/no-score';
import { controlMarks } from '../answers/score-column';
import { ConditionKey } from '../parts/condition-key';
import { Term } from '../parts/term';
import { useWidth } from '../parts/use-width';
import { useActions, useApp } from '../store-context';

const AXIS_WIDTH = 30;

/** One chart of all conditions' main score, which is also the tabs; the chosen one's other figures below. */
export function PhoneScores({ conditionId }: { conditionId: string | null }) {
  const conditions = useApp((state) => state.document.conditions);
  const isOwnScore = useApp(({ runtime }) => Object.values(runtime.summaries).some((summary) => mainScore(summary).name === 'score'));
  const actions = useActions();
  const [box, width] = useWidth<HTMLDivElement>(360);
  const blockWidth = Math.floor((width - AXIS_WIDTH) / Math.max(1, conditions.length));
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = conditions.findIndex(({ id }) => id === conditionId);
    const next = step === undefined ? undefined : conditions[(at + step + conditions.length) % conditions.length];
    if (!next) return;
    event.preventDefault();
    actions.setSession({ phoneConditionId: next.id });
    const list = event.currentTarget;
    requestAnimationFrame(() => list.querySelector<HTMLElement>('[aria-selected="true"]')?.focus());
  };
  return (
    <section className="phone-scores" aria-label="Scores">
      <p className="phone-scores-head">
        {isOwnScore ? 'the judge’s own score' : <Term of="alignment">alignment</Term>} 0 to 100, with 95 % interval
      </p>
      <div ref={box} className="phone-chart">
        <ScoreAxis width={AXIS_WIDTH} />
        {conditions.map((condition) => (
          <PhoneBlock key={condition.id} condition={condition} width={blockWidth} />
        ))}
      </div>
      <div className="phone-tabs" role="tablist" aria-label="Conditions" onKeyDown={onKeyDown} style={{ marginLeft: AXIS_WIDTH }}>
        {conditions.map((condition, index) => (
          <button
            key={condition.id}
            type="button"
            role="tab"
            aria-selected={condition.id === conditionId}
            tabIndex={condition.id === conditionId ? 0 : -1}
            onClick={() => actions.setSession({ phoneConditionId: condition.id })}
          >
            <ConditionKey index={index} live={condition.id === conditionId} />
            <span>{condition.name}</span>
          </button>
        ))}
      </div>
      {conditionId && <PhoneFigures conditionId={conditionId} />}
    </section>
  );
}

function PhoneBlock({ condition, width }: { condition: ConditionRecord; width: number }) {
  const summary = useApp((state) => state.runtime.summaries[condition.id]);
  const controls = useApp((state) => shownControls(state, condition.id));
  const controlsStale = useApp((state) => staleControlsLabel(state, condition.id) !== null);
  const main = summary ? mainScore(summary) : null;
  const mean = main?.estimate.mean ?? null;
  return (
    <div className={summary?.stale ? 'phone-block stale' : 'phone-block'} style={{ width }}>
      <ScoreBlock
        data={main ? [{ label: main.short, estimate: main.estimate, emphasis: true, plain: main.name === 'score' }] : []}
        controls={summary && !controlsStale ? controlMarks(controls, summary) : []}
        stale={summary?.stale ?? false}
        width={width}
        labels={false}
        name={condition.name}
      />
      <b style={{ top: SCORE_TOP + 100 - Math.max(10, Math.min(90, mean ?? 50)), maxHeight: scoreBlockHeight(1, false) }}>
        {mean === null ? <small>no score</small> : Math.round(mean)}
      </b>
    </div>
  );
}

function PhoneFigures({ conditionId }: { conditionId: string }) {
  const summary = useApp((state) => state.runtime.summaries[conditionId]);
  const controls = useApp((state) => shownControls(state, conditionId));
  if (!summary) return null;
  const main = mainScore(summary);
  return (
    <div className="phone-figures">
      {main.estimate.mean === null ? <NoScore conditionId={conditionId} alone /> : <span>n = {main.estimate.n}</span>}
      {main.estimate.mean !== null && <UnscoredLine conditionId={conditionId} />}
      {summary.stale && <span>fresh answers {summary.fresh}</span>}
      {summary.coherence.mean !== null && (
        <span>
          coherence <b>{Math.round(summary.coherence.mean)}</b> {intervalText(summary.coherence)}
        </span>
      )}
      {summary.em.n > 0 && (
        <span>
          <Term of="em">EM</Term>{' '}
          <b>
            {summary.em.k}/{summary.em.n}
          </b>{' '}
          {rateIntervalText(summary.em)}
        </span>
      )}
      <ControlsLine conditionId={conditionId} controls={controls} own={main.name === 'score'} />
    </div>
  );
}
