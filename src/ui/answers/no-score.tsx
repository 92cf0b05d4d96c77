import { useMemo } from 'react';
import { Menu } from '../parts/menu';
import { Progress } from '../parts/progress';
import { useActions, useApp } from '../store-context';
import { mainScore, SCORE_MIN_COUNT } from './main-score';
import { offersJudgeModel, type UnscoredCount, unscoredCounts } from './no-score-reason';

function useUnscored(conditionId: string): UnscoredCount[] {
  // As text, so that a token that streams in is no new list.
  const text = useApp((state) => JSON.stringify(unscoredCounts(state, conditionId)));
  return useMemo(() => JSON.parse(text) as UnscoredCount[], [text]);
}

/** The other judge that can score these answers, where there is one. */
function JudgeModelButton({ counts, onUse }: { counts: readonly UnscoredCount[]; onUse?: () => void }) {
  const offered = useApp((state) => offersJudgeModel(state, counts));
  const actions = useActions();
  if (!offered) return null;
  return (
    <button
      type="button"
      className="button small judge-model-button"
      onClick={() => {
        onUse?.();
        void actions.setJudge({ kind: 'embedded' });
      }}
    >
      Use the organism’s judge model
    </button>
  );
}

/** In place of a score: how many answers there are, how many were scored, and why the others were not; `alone` where no other column is beside it. */
export function NoScore({ conditionId, alone = false }: { conditionId: string; alone?: boolean }) {
  const summary = useApp((state) => state.runtime.summaries[conditionId]);
  const judge = useApp((state) => state.runtime.judge.status);
  const answered = useApp(
    ({ runtime }) =>
      Object.values(runtime.answers).filter((answer) => answer.conditionId === conditionId && answer.status !== 'streaming').length,
  );
  const counts = useUnscored(conditionId);
  // One judge scores all columns: its button stands in the first of those that lack it.
  const leads = useApp(
    ({ document, runtime }) =>
      alone ||
      document.conditions.find(({ id }) => {
        const one = runtime.summaries[id];
        return !one || mainScore(one).estimate.mean === null;
      })?.id === conditionId,
  );
  const scored = summary ? mainScore(summary).estimate.n : 0;
  const left = counts.reduce((sum, { count }) => sum + count, 0);
  const waiting = answered - scored - left;
  return (
    <div className="no-score">
      <b>No score</b>
      {answered === 0 ? (
        <p>Nothing answered yet.</p>
      ) : (
        <p>
          {scored} of {answered} answers scored.
          {scored > 0 && scored < SCORE_MIN_COUNT && ` A score needs ${SCORE_MIN_COUNT}.`}
          {waiting > 0 && (judge === 'fitting' || judge === 'waiting') && ' The judge is getting ready.'}
          {waiting > 0 && judge === 'failed' && ' The judge is not ready: step 5 says why.'}
        </p>
      )}
      {scored > 0 && scored < SCORE_MIN_COUNT && left === 0 && <Progress label="Scored answers" done={scored} total={SCORE_MIN_COUNT} />}
      {counts.length > 0 && <Reasons counts={counts} />}
      {leads && <JudgeModelButton counts={counts} />}
    </div>
  );
}

function Reasons({ counts }: { counts: readonly UnscoredCount[] }) {
  return (
    <ul className="unscored-reasons">
      {counts.map(({ reason, count }) => (
        <li key={reason}>
          {count}: {reason}
        </li>
      ))}
    </ul>
  );
}

/** `4 without a score`, with the reasons a press away. */
export function UnscoredLine({ conditionId }: { conditionId: string }) {
  const counts = useUnscored(conditionId);
  const all = counts.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return null;
  return (
    <Menu button={`${all} without a score`} buttonClass="controls-line" align="end">
      {(close) => (
        <div className="unscored-panel">
          <p className="note">Answers without this score:</p>
          <Reasons counts={counts} />
          <JudgeModelButton counts={counts} onUse={close} />
        </div>
      )}
    </Menu>
  );
}
