import { useLayoutEffect, useRef } from 'react';
import { LeanBar } from '../../charts/lean-bar';
import { signed } from '../../charts/number-text';
import { ScoreAxis, ScoreBlock } from '../../charts/score-strip';
import type { ConditionRecord } from '../../document/schema';
import { shownControls } from '../../store/staleness';
import type { ControlSummary } from '../../store/state';
import { staleControls } from '../answers/controls-line';
import { controlsSummary } from '../answers/controls-summary';
import { intervalText, mainScore, staleSetting } from '../answers/main-score';
import { NoScore } from '../answers/no-score';
import { controlMarks } from '../answers/score-column';
import { ConditionKey } from '../parts/condition-key';
import { LoadingLine } from '../recipe/loading-line';
import { useActions, useApp } from '../store-context';
import { useLeanSides } from '../use-lean-sides';

/** The score that a hall reads: one figure, how sure it is, and whether a random vector does the same. */
export function KioskScore({ condition, unit }: { condition: ConditionRecord; unit: number }) {
  const summary = useApp((state) => state.runtime.summaries[condition.id]);
  const controls = useApp((state) => shownControls(state, condition.id));
  const staleText = useApp((state) => staleControls(state, condition.id)?.tag ?? null);
  const staleFrom = useApp((state) => staleSetting(state, condition.id) ?? 'before');
  const loading = useApp(({ runtime }) => runtime.modelStatus === 'loading' && Object.keys(runtime.summaries).length === 0);
  if (loading) {
    return (
      <div className="kiosk-live">
        <LoadingLine />
      </div>
    );
  }
  const main = summary ? mainScore(summary) : null;
  const random = controls.filter(({ kind }) => kind === 'random');
  const mean = main?.estimate.mean ?? null;
  return (
    <div className={summary?.stale ? 'kiosk-live stale' : 'kiosk-live'}>
      <h3>{main?.name ?? 'alignment'}</h3>
      {summary && main && mean !== null ? (
        <>
          <KioskFigure figure={Math.round(mean)} />
          <div className="kiosk-evidence">
            <div>
              {summary.stale ? (
                <>
                  <p>from {staleFrom}</p>
                  <p>
                    fresh answers {summary.fresh} / {main.estimate.n}
                  </p>
                </>
              ) : (
                <>
                  <p>
                    {intervalText(main.estimate)} · n = {main.estimate.n}
                  </p>
                  {summary.coherence.mean !== null && <p>coherence {Math.round(summary.coherence.mean)}</p>}
                </>
              )}
              <Lean conditionId={condition.id} unit={unit} />
              <RandomControl conditionId={condition.id} random={random} own={main.name === 'score'} stale={staleText} />
            </div>
            <div className="kiosk-ruler">
              <ScoreBlock
                data={[{ label: main.short, estimate: main.estimate, emphasis: true }]}
                controls={staleText === null ? controlMarks(random, summary) : []}
                stale={summary.stale}
                width={44 * unit}
                pixelsPerPoint={1.2 * unit}
                fontSize={17 * unit}
                labels={false}
                name={condition.name}
              />
              <ScoreAxis width={38 * unit} pixelsPerPoint={1.2 * unit} fontSize={13 * unit} />
            </div>
          </div>
        </>
      ) : (
        <>
          <NoScore conditionId={condition.id} alone />
          <Lean conditionId={condition.id} unit={unit} />
        </>
      )}
    </div>
  );
}

/** The largest figure on the screen; three digits of a wide font take a smaller size rather than run over the edge. */
function KioskFigure({ figure }: { figure: number }) {
  const element = useRef<HTMLParagraphElement>(null);
  // Measured at every drawing: the figure or the screen may have another width.
  useLayoutEffect(() => {
    const box = element.current;
    if (!box) return;
    box.classList.remove('narrow');
    box.classList.toggle('narrow', box.scrollWidth > box.clientWidth);
  });
  return (
    <p ref={element} className="kiosk-figure">
      {figure}
    </p>
  );
}

function Lean({ conditionId, unit }: { conditionId: string; unit: number }) {
  const lean = useApp((state) => state.runtime.summaries[conditionId]?.lean ?? null);
  const stale = useApp((state) => state.runtime.summaries[conditionId]?.leanStale ?? false);
  const sides = useLeanSides();
  if (lean?.mean == null) return null;
  return (
    <div className="kiosk-lean">
      <p>
        lean <b className={stale ? 'stale' : undefined}>{signed(lean.mean)}</b> nat/token
      </p>
      <LeanBar data={lean} sides={sides} width={172 * unit} height={16 * unit} stale={stale} />
    </div>
  );
}

interface RandomControlProps {
  conditionId: string;
  random: readonly ControlSummary[];
  own: boolean;
  stale: string | null;
}

/** What the same edit along random directions does, or the button that measures it. */
function RandomControl({ conditionId, random, own, stale }: RandomControlProps) {
  const canRun = useApp(({ document, runtime }) => runtime.modelStatus === 'ready' && !runtime.recordedOnly && document.controls.random);
  const busy = useApp(({ runtime }) => runtime.tasks.length > 0);
  const actions = useActions();
  const run = (label: string, className: string) => (
    <button type="button" className={className} disabled={busy} onClick={() => void actions.runControls(conditionId)}>
      {label}
    </button>
  );
  if (random.length === 0) return canRun ? run('Random control', 'button') : null;
  const { text, draws } = controlsSummary(random, own);
  return (
    <p className={stale === null ? undefined : 'stale'}>
      {text + draws}
      {stale !== null && (
        <>
          {' '}
          <span className="tag dashed">{stale}</span>
          {canRun && <> {run('Run again', 'link-button')}</>}
        </>
      )}
    </p>
  );
}

/** So many digits stand in one row in any font. */
const ROW_DIGITS = 6;

interface OthersProps {
  conditions: readonly ConditionRecord[];
  live: ConditionRecord;
  beside: ConditionRecord | null;
  onChoose: (conditionId: string) => void;
}

/** The other conditions' scores; pressing one puts its answer at the left. */
export function KioskOthers({ conditions, live, beside, onChoose }: OthersProps) {
  const summaries = useApp((state) => state.runtime.summaries);
  if (conditions.length < 2) return null;
  const means = conditions.map(({ id }) => (summaries[id] ? mainScore(summaries[id]).estimate.mean : null));
  const digits = means.reduce<number>((sum, mean, at) => sum + (conditions[at] === live ? 0 : `${Math.round(mean ?? 0)}`.length), 0);
  return (
    <div className={digits > ROW_DIGITS ? 'kiosk-others dense' : 'kiosk-others'} role="group" aria-label="Scores of the other conditions">
      {conditions.map((condition, index) => {
        if (condition === live) return null;
        const mean = means[index] ?? null;
        return (
          <button
            key={condition.id}
            type="button"
            aria-pressed={condition === beside}
            title={condition.name}
            className={summaries[condition.id]?.stale ? 'stale' : undefined}
            onClick={() => onChoose(condition.id)}
          >
            <ConditionKey index={index} />
            <span className="visually-hidden">{condition.name}: </span>
            <b>{mean === null ? '–' : Math.round(mean)}</b>
            {mean === null && <span className="visually-hidden">no score</span>}
          </button>
        );
      })}
    </div>
  );
}
