import { ScoreAxis } from '../../charts/score-strip';
import { useApp } from '../store-context';
import { useLiveConditions } from './live-conditions';
import { LoadingScores } from './loading-scores';
import { ScoreColumn } from './score-column';

/** Every condition's scores on one ruler of 0 to 100, below its column. */
export function Scores() {
  const conditions = useApp((state) => state.document.conditions);
  const live = useLiveConditions();
  const waiting = useApp((state) => state.runtime.modelStatus === 'loading' && Object.keys(state.runtime.summaries).length === 0);
  if (waiting) return <LoadingScores />;
  return (
    <section className="scores" aria-label="Scores">
      <div className="gutter axis">
        <ScoreAxis width={30} />
      </div>
      {conditions.map((condition, index) => (
        <ScoreColumn key={condition.id} condition={condition} index={index} live={live.has(condition.id)} />
      ))}
      <span className="tail" />
    </section>
  );
}
