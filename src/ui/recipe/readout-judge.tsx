import type { JudgeRecord } from '../../document/schema';
import { Field } from '../parts/field';
import { FileButton } from '../parts/file-button';
import { useActions, useApp } from '../store-context';

type Readout = Extract<JudgeRecord, { kind: 'readout' }>;

/** Which block is read and whose labels it is fitted on. */
export function ReadoutJudge({ judge }: { judge: Readout }) {
  const nLayers = useApp((state) => state.runtime.modelInfo?.nLayers ?? 0);
  const actions = useActions();
  const set = (change: Partial<Readout>) => void actions.setJudge({ ...judge, ...change });
  const points = Array.from({ length: nLayers }, (_, block) => `blocks.${block}.hook_resid_post`);
  const listed = judge.hookPoint === null || points.includes(judge.hookPoint) ? points : [judge.hookPoint, ...points];
  return (
    <>
      <Field label="read at">
        <select
          className="input"
          aria-label="Hook point of the read-out"
          value={judge.hookPoint ?? ''}
          onChange={(event) => set({ hookPoint: event.target.value || null })}
        >
          <option value="">the three blocks in the middle</option>
          {listed.map((hookPoint) => (
            <option key={hookPoint} value={hookPoint}>
              {hookPoint}
            </option>
          ))}
        </select>
      </Field>
      <Field label="labels">
        <div className="row wrap">
          <button type="button" className="chip" aria-pressed={judge.labels === 'shipped'} onClick={() => set({ labels: 'shipped' })}>
            shipped
          </button>
          <FileButton
            className={judge.labels === 'own' ? 'chip chosen' : 'chip'}
            accept=".jsonl"
            onFiles={([file]) => {
              if (file) void actions.importLabels(file);
            }}
          >
            your own{judge.labels === 'own' ? ', in use' : ''}…
          </FileButton>
        </div>
      </Field>
      <p className="note">Your own: JSONL with domain, question, answer and label on each line.</p>
    </>
  );
}
