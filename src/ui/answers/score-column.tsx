import type { ReactNode } from 'react';
import { LeanBar } from '../../charts/lean-bar';
import { signed } from '../../charts/number-text';
import { ScoreBlock, type ScoreControlMark, type ScoreMark } from '../../charts/score-strip';
import type { ConditionRecord } from '../../document/schema';
import { shownControls, staleControlsLabel } from '../../store/staleness';
import type { ConditionSummary, ControlSummary } from '../../store/state';
import { conditionLetter } from '../parts/condition-key';
import { Progress } from '../parts/progress';
import { Term } from '../parts/term';
import { useWidth } from '../parts/use-width';
import { useApp } from '../store-context';
import { useLeanLack, useLeanSides } from '../use-lean-sides';
import { ControlsLine } from './controls-line';
import { intervalText, mainScore, rateIntervalText, SCORE_MIN_COUNT, staleSetting } from './main-score';
import { NoScore, UnscoredLine } from './no-score';
import { type ScoreTerm, termStop } from './term-stop';

/** Width of the ruler in a column: the figures beside it, up to `coherence 100 [100, 100]`, must fit. */
function rulerWidth(column: number): number {
  if (column < 222) return 70;
  return column < 240 ? 78 : 84;
}

/** One condition's lean, its scores on the ruler and the same as figures. */
export function ScoreColumn({ condition, index, live }: { condition: ConditionRecord; index: number; live: boolean }) {
  const summary = useApp((state) => state.runtime.summaries[condition.id]);
  const controls = useApp((state) => shownControls(state, condition.id));
  const controlsStale = useApp((state) => staleControlsLabel(state, condition.id) !== null);
  const name = `${conditionLetter(index)}, ${condition.name}`;
  const [column, width] = useWidth<HTMLElement>(230);
  const className = ['score', live && 'live', summary?.stale && 'stale'].filter(Boolean).join(' ');
  return (
    <section ref={column} className={className} aria-label={`Scores of ${name}`}>
      <LeanRow conditionId={condition.id} summary={summary} lifted={live && (summary?.stale ?? false)} />
      {summary && mainScore(summary).estimate.mean !== null ? (
        <div className="score-body">
          <ScoreBlock
            data={scoreMarks(summary)}
            controls={controlsStale ? [] : controlMarks(controls, summary)}
            stale={summary.stale}
            width={rulerWidth(width)}
            name={name}
          />
          <ScoreFigures summary={summary} condition={condition} controls={controls} />
        </div>
      ) : (
        <NoScore conditionId={condition.id} />
      )}
    </section>
  );
}

/** The marks on the ruler: the main score filled, the others that were measured in outline. */
export function scoreMarks(summary: ConditionSummary): ScoreMark[] {
  const main = mainScore(summary);
  const marks: ScoreMark[] = [{ label: main.short, estimate: main.estimate, emphasis: true, plain: main.name === 'score' }];
  if (summary.coherence.n > 0) marks.push({ label: 'coh', estimate: summary.coherence, emphasis: false });
  if (summary.domain.n > 0) marks.push({ label: 'dom', estimate: summary.domain, emphasis: false });
  return marks;
}

/** Controls beside the main score's mark. */
export function controlMarks(controls: readonly ControlSummary[], summary: ConditionSummary): ScoreControlMark[] {
  const own = mainScore(summary).name === 'score';
  return controls.map((control) => ({ label: control.label, estimate: own ? control.custom : control.alignment, mark: 0 }));
}

/** A term that every column repeats and one of them gives a stop. */
function ColumnTerm({ of, conditionId, children }: { of: ScoreTerm; conditionId: string; children: ReactNode }) {
  const isStop = useApp((state) => termStop(state, of) === conditionId);
  return (
    <Term of={of} isStop={isStop}>
      {children}
    </Term>
  );
}

interface LeanRowProps {
  conditionId: string;
  summary: ConditionSummary | undefined;
  lifted: boolean;
}

function LeanRow({ conditionId, summary, lifted }: LeanRowProps) {
  const [box, width] = useWidth<HTMLDivElement>(100);
  const lean = summary?.lean ?? null;
  const sides = useLeanSides();
  const lack = useLeanLack();
  return (
    <div className={lifted ? 'lean lifted' : 'lean'}>
      <ColumnTerm of="lean" conditionId={conditionId}>
        lean
      </ColumnTerm>
      {lean?.mean == null ? (
        <span className="dim">{summary?.leanStale ? 'being read' : lack}</span>
      ) : (
        <>
          <div ref={box}>
            <LeanBar data={lean} sides={sides} width={width} height={14} stale={summary?.leanStale ?? false} />
          </div>
          <b className={summary?.leanStale ? 'stale' : undefined}>{signed(lean.mean)}</b>
        </>
      )}
    </div>
  );
}

function ScoreFigures({
  summary,
  condition,
  controls,
}: {
  summary: ConditionSummary;
  condition: ConditionRecord;
  controls: readonly ControlSummary[];
}) {
  const main = mainScore(summary);
  const staleFrom = useApp((state) => staleSetting(state, condition.id));
  const { coherence, domain, em } = summary;
  return (
    <div className="figures">
      <div className="big">
        <b>
          <span className="visually-hidden">{main.name} </span>
          {Math.round(main.estimate.mean ?? 0)}
        </b>
        <small>
          {summary.stale ? `from ${staleFrom ?? 'before'}` : intervalText(main.estimate)}
          <br />
          {summary.stale ? intervalText(main.estimate) : `n = ${main.estimate.n}`}
        </small>
      </div>
      {summary.stale ? (
        <div className="fresh">
          <p>
            fresh answers {summary.fresh} / {main.estimate.n}
          </p>
          <Progress label="Fresh answers" done={summary.fresh} total={main.estimate.n} />
          <p>a score from {SCORE_MIN_COUNT} on</p>
        </div>
      ) : (
        <>
          <dl>
            {coherence.mean !== null && (
              <Figure name="coherence" conditionId={condition.id} mean={coherence.mean} interval={intervalText(coherence)} />
            )}
            {domain.mean !== null && <Figure name="domain" conditionId={condition.id} mean={domain.mean} interval={intervalText(domain)} />}
          </dl>
          {em.n > 0 && (
            <p className="rate">
              <ColumnTerm of="em" conditionId={condition.id}>
                EM
              </ColumnTerm>{' '}
              <b>
                {em.k}/{em.n}
              </b>{' '}
              {rateIntervalText(em)}
            </p>
          )}
          <ControlsLine conditionId={condition.id} controls={controls} own={main.name === 'score'} />
          <UnscoredLine conditionId={condition.id} />
        </>
      )}
    </div>
  );
}

interface FigureProps {
  name: 'coherence' | 'domain';
  conditionId: string;
  mean: number;
  interval: string;
}

function Figure({ name, conditionId, mean, interval }: FigureProps) {
  return (
    <div>
      <dt>
        <ColumnTerm of={name} conditionId={conditionId}>
          <span className="long">{name}</span>
          <span className="short" aria-hidden="true">
            {name.slice(0, 3)}
          </span>
        </ColumnTerm>
      </dt>
      <dd>{Math.round(mean)}</dd>
      <dd className="interval">{interval}</dd>
    </div>
  );
}
