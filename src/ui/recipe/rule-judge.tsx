import { useId, useState } from 'react';
import { LIMITS } from '../../core/limits';
import type { JudgeRecord, ProgrammaticRule } from '../../document/schema';
import { isEmptyRule, ruleProblem } from '../../store/rule-problem';
import { Field } from '../parts/field';
import { Segmented } from '../parts/segmented';
import { Term } from '../parts/term';
import { TextField } from '../parts/text-field';
import { useActions, useApp } from '../store-context';

type Rule = Extract<JudgeRecord, { kind: 'programmatic' }>;

const LANGUAGES = ['english', 'french', 'german', 'spanish'] as const;

/** A rule that can score nothing yet, and the one in use beside which it is being written. */
interface Draft {
  rule: ProgrammaticRule;
  beside: ProgrammaticRule;
}

function ruleOfType(type: ProgrammaticRule['type']): ProgrammaticRule {
  if (type === 'words') return { type, words: [] };
  if (type === 'regex') return { type, pattern: '', flags: 'i' };
  return { type, language: 'french' };
}

/** A score without a model: the share of an answer's words that are listed, a pattern, or a language. */
export function RuleJudge({ judge }: { judge: Rule }) {
  const actions = useActions();
  const id = useId();
  const inUse = useApp((state) => state.runtime.judge.name || 'the judge before');
  // A rule that can score nothing is no part of the document: it waits here, and goes when the rule in use is another, as after undo.
  const [written, setWritten] = useState<Draft | null>(null);
  const draft = written?.beside === judge.rule ? written.rule : null;
  const rule = draft ?? judge.rule;
  const problem = draft && !isEmptyRule(draft) ? ruleProblem(draft) : null;
  const set = (next: ProgrammaticRule) => {
    if (ruleProblem(next) !== null) return setWritten({ rule: next, beside: judge.rule });
    setWritten(null);
    // Back to the rule in use: nothing changes.
    if (JSON.stringify(next) !== JSON.stringify(judge.rule)) void actions.setJudge({ kind: 'programmatic', rule: next });
  };
  return (
    <>
      <Field label={<Term of="programmatic">rule</Term>}>
        <Segmented
          label="Kind of rule"
          value={rule.type}
          options={[
            { value: 'words', label: 'words' },
            { value: 'regex', label: 'pattern' },
            { value: 'language', label: 'language' },
          ]}
          onChange={(type) => set(type === judge.rule.type ? judge.rule : ruleOfType(type))}
        />
      </Field>
      {rule.type === 'words' && (
        <Field
          label="words"
          htmlFor={`${id}words`}
          stacked
          hint={problem ?? 'The score is the share of an answer’s words that are in this list. Separate them with spaces or commas.'}
        >
          <TextField
            id={`${id}words`}
            className="input area"
            rows={2}
            value={rule.words.join(' ')}
            invalid={problem !== null}
            onCommit={(text) =>
              set({ type: 'words', words: [...new Set(text.split(/[\s,]+/).filter(Boolean))].slice(0, LIMITS.listLength) })
            }
          />
        </Field>
      )}
      {rule.type === 'regex' && (
        <Field
          label="pattern"
          htmlFor={`${id}pattern`}
          hint={problem ?? '100 where the answer matches, else 0; letters’ case does not count.'}
        >
          <TextField
            id={`${id}pattern`}
            className="input mono"
            value={rule.pattern}
            maxLength={LIMITS.regexCharacters}
            invalid={problem !== null}
            onCommit={(pattern) => set({ ...rule, pattern })}
          />
        </Field>
      )}
      {rule.type === 'language' && (
        <Field
          label="language"
          htmlFor={`${id}language`}
          hint="The share of the answer’s words that are function words of this language; plain text reaches about 40."
        >
          <select
            id={`${id}language`}
            className="input"
            value={rule.language}
            onChange={(event) => set({ type: 'language', language: event.target.value })}
          >
            {LANGUAGES.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </Field>
      )}
      {draft && <p className="note pending-judge">Not in use yet: the scores on screen are of {inUse}.</p>}
    </>
  );
}
