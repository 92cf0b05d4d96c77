import { isRecomputeStale } from '../../store/staleness';
import type { RecomputeReport } from '../../store/state';
import { ConditionKey, conditionLetter } from '../parts/condition-key';
import { useActions, useApp } from '../store-context';
import { dateText } from '../top-bar/date-text';

const BACKEND_NAMES = { webgpu: 'WebGPU', wasm: 'WASM' } as const;

/** A result that was recorded elsewhere: what it is, and the two ways on; after Recompute, what did not match. */
export function RecordedBanner() {
  const recordedOnly = useApp((state) => state.runtime.recordedOnly);
  const recorded = useApp((state) => state.document.recorded);
  const report = useApp((state) => state.runtime.recompute);
  const stale = useApp(isRecomputeStale);
  const busy = useApp((state) => state.runtime.tasks.length > 0);
  const actions = useActions();
  if (!recorded || (!recordedOnly && !report)) return null;
  const origin = `${recorded.answers.length} answers, ${BACKEND_NAMES[recorded.backend]} ${recorded.weights}, ${dateText(recorded.createdAt)}, judged by ${recorded.judgeName}.`;
  return (
    <section className="banner" aria-label="Recorded result">
      <div className="banner-text">
        <b>Recorded result.</b> {origin}{' '}
        {report ? <ReportText report={report} stale={stale} /> : 'Nothing has run here yet; Recompute checks it token by token.'}
        {report && report.differences.length > 0 && <Differences report={report} />}
      </div>
      <div className="row">
        <button type="button" className={report ? 'button' : 'button main'} disabled={busy} onClick={() => void actions.recompute()}>
          {report ? 'Recompute again' : 'Recompute'}
        </button>
        <button type="button" className="button" onClick={() => void actions.keepAsMyOwn()}>
          Keep as my own
        </button>
      </div>
    </section>
  );
}

function ReportText({ report, stale }: { report: RecomputeReport; stale: boolean }) {
  return (
    <span role="status">
      Checked on this machine{stale && ', at an earlier setting'}: {report.matched} of {report.answers} answers the same to the last token
      {report.scores > 0 && `, ${report.scoresMatched} of ${report.scores} scores`}.
    </span>
  );
}

function Differences({ report }: { report: RecomputeReport }) {
  const conditions = useApp((state) => state.document.conditions);
  const questions = useApp((state) => state.document.questions.items);
  const counts = conditions.map(({ id }, index) => ({
    index,
    count: report.differences.filter(({ conditionId }) => conditionId === id).length,
  }));
  return (
    <details className="differences">
      <summary>
        Where they differ:{' '}
        {counts
          .filter(({ count }) => count > 0)
          .map(({ index, count }) => `${conditionLetter(index)} ${count}`)
          .join(', ')}
      </summary>
      <div className="table-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">condition</th>
              <th scope="col">question</th>
              <th scope="col">sample</th>
              <th scope="col">what</th>
            </tr>
          </thead>
          <tbody>
            {report.differences.map(({ conditionId, questionId, sample, what }) => {
              const index = conditions.findIndex(({ id }) => id === conditionId);
              const question = questions.findIndex(({ id }) => id === questionId);
              return (
                <tr key={`${conditionId}|${questionId}|${sample}|${what}`}>
                  <th scope="row">
                    <ConditionKey index={Math.max(0, index)} label={conditions[index]?.name} />
                  </th>
                  <td>{question + 1}</td>
                  <td>{sample + 1}</td>
                  <td>{what}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </details>
  );
}
