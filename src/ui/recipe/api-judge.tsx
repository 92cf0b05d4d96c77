import { useId, useRef, useState } from 'react';
import { LIMITS } from '../../core/limits';
import { plainHttpProblem } from '../../core/plain-http';
import type { JudgeRecord } from '../../document/schema';
import { hasKeptKey } from '../../store/judge-keys';
import { Field } from '../parts/field';
import { useActions, useApp } from '../store-context';

type Api = Extract<JudgeRecord, { kind: 'api' }>;

/** What is wrong with an API's address, or null: a key must not hide in it, because the address travels with the link. */
export function addressProblem(address: string, pageOrigin?: string): string | null {
  if (!URL.canParse(address)) return 'An address such as https://host.example/v1.';
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'The address must begin with https:// or http://.';
  if (url.username || url.password || url.search || url.hash)
    return 'No password, ? or # in the address: it travels with the link. The key has its own field.';
  return plainHttpProblem(url, pageOrigin);
}

/** A judge on another host: its address and model are part of the document, its key never is. */
export function ApiJudge({ judge }: { judge: Api }) {
  const actions = useActions();
  const id = useId();
  const [baseUrl, setBaseUrl] = useState(judge.baseUrl);
  const [model, setModel] = useState(judge.model);
  // Not in React's hands: it would write the key into the page as the input's `value` attribute.
  const apiKey = useRef<HTMLInputElement>(null);
  const inUse = useApp(({ document, runtime }) => (document.judge.kind === 'api' ? null : runtime.judge.name || 'the judge before'));
  const typed = { kind: 'api', baseUrl: baseUrl.trim(), model: model.trim() } as const satisfies Api;
  const hasKey = useApp(({ runtime }) => hasKeptKey(runtime.keptKeys, typed));
  const problem = addressProblem(typed.baseUrl, window.location.origin);
  const host = problem ? '' : new URL(typed.baseUrl).host;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (problem || !typed.model) return;
        const key = apiKey.current?.value;
        void actions.setJudge(typed, key ? { apiKey: key } : undefined);
      }}
    >
      <Field label="address" htmlFor={`${id}url`} hint={baseUrl && problem}>
        <input
          id={`${id}url`}
          className="input"
          value={baseUrl}
          maxLength={LIMITS.sourceCharacters}
          aria-invalid={problem !== null || undefined}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setBaseUrl(event.target.value)}
        />
      </Field>
      <Field label="model" htmlFor={`${id}model`}>
        <input
          id={`${id}model`}
          className="input"
          value={model}
          maxLength={LIMITS.nameCharacters}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setModel(event.target.value)}
        />
      </Field>
      <Field label="key" htmlFor={`${id}key`}>
        <input
          ref={apiKey}
          id={`${id}key`}
          className="input"
          type="password"
          autoComplete="off"
          placeholder={hasKey ? 'kept in this tab' : 'none'}
        />
      </Field>
      <p className="note">
        The key stays in this tab’s memory: it is in no link, no file and no storage, and is gone when the tab is closed.{' '}
        {host && `Only ${host} receives it.`}
      </p>
      {hasKey && (
        <p className="note">
          A key is kept for this address and model: an empty field goes on with it.{' '}
          <button
            type="button"
            className="link-button"
            onClick={() => {
              // The button goes with the key.
              apiKey.current?.focus();
              void actions.forgetJudgeKey(typed);
            }}
          >
            Forget the key
          </button>
        </p>
      )}
      {inUse && <p className="note pending-judge">Not in use yet: the scores on screen are of {inUse}.</p>}
      <button type="submit" className="button" disabled={problem !== null || !typed.model}>
        Use this judge
      </button>
    </form>
  );
}
