import { useId } from 'react';
import { LIMITS } from '../../core/limits';
import type { ContrastRecord } from '../../document/schema';
import { Field } from '../parts/field';
import { TextField } from '../parts/text-field';
import { useActions } from '../store-context';
import { ContrastSampling } from './contrast-sampling';

type Prompts = Extract<ContrastRecord, { kind: 'systemPrompts' }>;

/** The same questions under two system prompts; both piles are re-read without any. */
export function PromptsContrast({ contrast }: { contrast: Prompts }) {
  const actions = useActions();
  const id = useId();
  const patch = (change: Partial<Prompts>) => actions.editDocument((document) => ({ ...document, contrast: { ...contrast, ...change } }));
  return (
    <>
      <Field label="prompt A: toward this" htmlFor={`${id}positive`} stacked>
        <TextField
          id={`${id}positive`}
          className="input area"
          rows={2}
          placeholder="Always answer in French."
          value={contrast.positivePrompt}
          maxLength={LIMITS.questionCharacters}
          onCommit={(positivePrompt) => patch({ positivePrompt })}
        />
      </Field>
      <Field label="prompt B: away from this" htmlFor={`${id}negative`} stacked>
        <TextField
          id={`${id}negative`}
          className="input area"
          rows={2}
          placeholder="Always answer in English."
          value={contrast.negativePrompt}
          maxLength={LIMITS.questionCharacters}
          onCommit={(negativePrompt) => patch({ negativePrompt })}
        />
      </Field>
      <ContrastSampling contrast={contrast} onChange={patch} />
      <p className="note">
        Answers are written under each prompt and re-read without any, so that the direction holds the behaviour and not the instruction.
      </p>
    </>
  );
}
