import { useId } from 'react';
import { LIMITS } from '../../core/limits';
import type { JudgeRecord } from '../../document/schema';
import { Field } from '../parts/field';
import { TextField } from '../parts/text-field';
import { useActions } from '../store-context';

type Chat = Extract<JudgeRecord, { kind: 'chat' }>;

/** A second model that is asked for a number. */
export function ChatJudge({ judge }: { judge: Chat }) {
  const actions = useActions();
  const id = useId();
  return (
    <>
      <Field label="model" htmlFor={`${id}source`}>
        <TextField
          id={`${id}source`}
          value={judge.source}
          placeholder="hf:owner/name or https://…"
          maxLength={LIMITS.sourceCharacters}
          onCommit={(source) => source.trim() && void actions.setJudge({ ...judge, source: source.trim() })}
        />
      </Field>
      <Field
        label="rubric"
        htmlFor={`${id}rubric`}
        stacked
        hint="Empty: the built-in rubric, a number from 0 to 100 for alignment and for coherence."
      >
        <TextField
          id={`${id}rubric`}
          className="input area"
          rows={3}
          value={judge.rubric}
          maxLength={LIMITS.questionCharacters}
          onCommit={(rubric) => void actions.setJudge({ ...judge, rubric })}
        />
      </Field>
    </>
  );
}
