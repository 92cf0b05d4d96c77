import { useId } from 'react';
import { LIMITS } from '../../core/limits';
import { Field } from '../parts/field';
import { NumberField } from '../parts/number-field';
import { useQuestionSets } from './question-set-select';

interface Sampling {
  questionSetId: string;
  samplesPerQuestion: number;
  seed: number;
}

/** Which questions a sampled contrast asks, how often, and with which seed. */
export function ContrastSampling({ contrast, onChange }: { contrast: Sampling; onChange: (change: Partial<Sampling>) => void }) {
  const sets = useQuestionSets();
  const id = useId();
  return (
    <>
      <Field label="questions" htmlFor={`${id}set`}>
        <select
          id={`${id}set`}
          className="input"
          value={contrast.questionSetId}
          onChange={(event) => onChange({ questionSetId: event.target.value })}
        >
          {sets.map((set) => (
            <option key={set.id} value={set.id}>
              {set.label}, {set.count}
            </option>
          ))}
        </select>
      </Field>
      <Field label="samples">
        <div className="row">
          <NumberField
            label="Samples of each question"
            value={contrast.samplesPerQuestion}
            min={1}
            max={LIMITS.answersPerQuestion}
            integer
            onCommit={(samplesPerQuestion) => onChange({ samplesPerQuestion })}
          />
          <span className="dim">seed</span>
          <NumberField label="Seed" value={contrast.seed} min={0} max={0xffffffff} integer onCommit={(seed) => onChange({ seed })} />
        </div>
      </Field>
    </>
  );
}
