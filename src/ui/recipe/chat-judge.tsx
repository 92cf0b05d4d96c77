import { useId } from 'react';
import { LIMITS } from '../../core/limits';
import type { JudgeRecord } from '../../document/schema';
import { Field } from '../parts/field';
import { FileButton } from '../parts/file-button';
import { TextField } from '../parts/text-field';
import { useActions, useApp } from '../store-context';

type Chat = Extract<JudgeRecord, { kind: 'chat' }>;

/** A model that is asked for a number: the loaded one, or a second one beside it. */
export function ChatJudge({ judge }: { judge: Chat }) {
  const actions = useActions();
  const id = useId();
  const loaded = useApp(({ document }) => document.model.source);
  const name = useApp(({ document, runtime }) => runtime.modelInfo?.name || document.model.name || document.model.source);
  const isLoaded = judge.source === loaded;
  const file = !isLoaded && judge.source.startsWith('file:') ? judge.source.slice('file:'.length) : null;
  const take = (files: File[]) => void actions.askOwnModel(files);
  return (
    <>
      <Field label="model">
        <div className="row wrap">
          <button
            type="button"
            className="chip"
            aria-pressed={isLoaded}
            onClick={() => !isLoaded && void actions.setJudge({ ...judge, source: loaded })}
          >
            this model
          </button>
          <FileButton className={file === null ? 'chip' : 'chip chosen'} accept=".gguf" onFiles={take}>
            {file === null ? 'GGUF…' : `${file}, in use…`}
          </FileButton>
          <FileButton className="chip" folder onFiles={take}>
            Folder…
          </FileButton>
        </div>
      </Field>
      <Field label="or from" htmlFor={`${id}source`}>
        <TextField
          id={`${id}source`}
          value={isLoaded || file !== null ? '' : judge.source}
          placeholder="hf:owner/name or https://…"
          maxLength={LIMITS.sourceCharacters}
          onCommit={(source) => source.trim() && void actions.setJudge({ ...judge, source: source.trim() })}
        />
      </Field>
      <p className="note">
        {isLoaded
          ? `${name}, the loaded model, is asked without its adapters and edits.`
          : `A second model beside ${name}: it takes memory of its own until another judge is chosen.`}{' '}
        {file !== null && 'A link names its file and does not hold it. '}
        Small models judge poorly when they are asked: measure it.
      </p>
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
