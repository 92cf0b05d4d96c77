import { useId } from 'react';
import { LIMITS } from '../../core/limits';
import type { SamplingRecord } from '../../document/schema';
import { Field } from '../parts/field';
import { Menu } from '../parts/menu';
import { NumberField } from '../parts/number-field';
import { useActions, useApp } from '../store-context';

type Key = keyof SamplingRecord;

const FIELDS: ReadonlyArray<{ key: Key; label: string; min: number; max: number; integer: boolean; hint?: string }> = [
  { key: 'samplesPerQuestion', label: 'answers to each question', min: 1, max: LIMITS.answersPerQuestion, integer: true },
  { key: 'temperature', label: 'temperature', min: 0, max: 100, integer: false, hint: '0: always the likeliest word' },
  { key: 'topP', label: 'top p', min: 0, max: 1, integer: false },
  { key: 'topK', label: 'top k', min: 0, max: LIMITS.vocabSize, integer: true, hint: '0: all words' },
  { key: 'maxNewTokens', label: 'tokens at most', min: 1, max: LIMITS.maxNewTokens, integer: true },
  { key: 'seed', label: 'seed', min: 0, max: 0xffffffff, integer: true, hint: 'the same seed gives the same answers' },
];

/** `4 samples · T 0.7 · seed 7`. */
export function samplingText({
  samplesPerQuestion,
  temperature,
  seed,
}: Pick<SamplingRecord, 'samplesPerQuestion' | 'temperature' | 'seed'>): string {
  return `${samplesPerQuestion} ${samplesPerQuestion === 1 ? 'sample' : 'samples'} · T ${temperature} · seed ${seed}`;
}

/** How answers are drawn; the same for every condition. */
export function SamplingMenu() {
  const sampling = useApp((state) => state.document.sampling);
  return (
    <Menu button={samplingText(sampling)} buttonClass="button quiet disclose" align="end">
      {() => <SamplingFields />}
    </Menu>
  );
}

export function SamplingFields() {
  const sampling = useApp((state) => state.document.sampling);
  const actions = useActions();
  const id = useId();
  return (
    <div className="sampling-fields">
      {FIELDS.map(({ key, label, min, max, integer, hint }) => (
        <Field key={key} label={label} htmlFor={`${id}${key}`} hint={hint}>
          <NumberField
            id={`${id}${key}`}
            value={sampling[key]}
            min={min}
            max={max}
            integer={integer}
            onCommit={(value) => actions.editDocument((document) => ({ ...document, sampling: { ...document.sampling, [key]: value } }))}
          />
        </Field>
      ))}
    </div>
  );
}
