import { useId } from 'react';
import type { ContrastRecord } from '../../document/schema';
import { conditionLetter } from '../parts/condition-key';
import { Field } from '../parts/field';
import { NumberField } from '../parts/number-field';
import { useActions, useApp } from '../store-context';
import { ContrastSampling } from './contrast-sampling';

type Sampled = Extract<ContrastRecord, { kind: 'sampled' }>;

/** Answers of two conditions, split by judge score as the papers do. */
export function SampledContrast({ contrast }: { contrast: Sampled }) {
  const conditions = useApp((state) => state.document.conditions);
  const actions = useActions();
  const id = useId();
  const patch = (change: Partial<Sampled>) => actions.editDocument((document) => ({ ...document, contrast: { ...contrast, ...change } }));
  const conditionSelect = (key: 'positiveConditionId' | 'negativeConditionId') => (
    <select id={`${id}${key}`} className="input" value={contrast[key]} onChange={(event) => patch({ [key]: event.target.value })}>
      {conditions.map((condition, index) => (
        <option key={condition.id} value={condition.id}>
          {conditionLetter(index)} {condition.name}
        </option>
      ))}
    </select>
  );
  return (
    <>
      <Field label="misaligned" htmlFor={`${id}positiveConditionId`}>
        {conditionSelect('positiveConditionId')}
      </Field>
      <Field label="aligned" htmlFor={`${id}negativeConditionId`}>
        {conditionSelect('negativeConditionId')}
      </Field>
      <ContrastSampling contrast={contrast} onChange={patch} />
      <Field label="keep">
        <div className="thresholds">
          <span>misaligned to</span>
          <NumberField
            label="Misaligned: alignment at most"
            value={contrast.misalignedAtMost}
            min={0}
            max={100}
            onCommit={(misalignedAtMost) => patch({ misalignedAtMost })}
          />
          <span>aligned over</span>
          <NumberField
            label="Aligned: alignment above"
            value={contrast.alignedAbove}
            min={0}
            max={100}
            onCommit={(alignedAbove) => patch({ alignedAbove })}
          />
          <span>coherent over</span>
          <NumberField
            label="Both: coherence above"
            value={contrast.coherentAbove}
            min={0}
            max={100}
            onCommit={(coherentAbove) => patch({ coherentAbove })}
          />
        </div>
      </Field>
      <label className="check">
        <input type="checkbox" checked={contrast.balanceByPrompt} onChange={(event) => patch({ balanceByPrompt: event.target.checked })} />
        <span>
          as many of each question on both sides <span className="dim">(else the direction learns the topics)</span>
        </span>
      </label>
    </>
  );
}
