import { useId, useState } from 'react';
import { LIMITS } from '../../core/limits';
import type { JudgeRecord, ProgrammaticRule } from '../../document/schema';
import { Field } from '../parts/field';
import { Segmented } from '../parts/segmented';
import { Term } from '../parts/term';
import { TextField } from '../parts/text-field';
import { useActions } from '../store-context';

type Rule = Extract<JudgeRecord, { kind: 'programmatic' }>;

const LANGUAGES = ['english', 'french', 'german', 'spanish'] as const;

/** What is wrong with a pattern, or null. */
export function patternProblem(pattern: string, flags: string): string | null {
  try {
    new RegExp(pattern, flags);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A rule that has nothing to look for yet. */
export function isEmptyRule(rule: ProgrammaticRule): boolean {
  return (rule.type === 'words' && rule.words.length === 0) || (rule.type === 'regex' && rule.pattern === '');
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
  const [problem, setProblem] = useState<string | null>(null);
  const { rule } = judge;
  const set = (next: ProgrammaticRule) => {
    const record: Rule = { kind: 'programmatic', rule: next };
    // A list or pattern that is still empty scores nothing: it stands in the document and starts with its first word.
    if (isEmptyRule(next)) actions.editDocument((document) => ({ ...document, judge: record }));
    else void actions.setJudge(record);
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
          onChange={(type) => set(ruleOfType(type))}
        />
      </Field>
      {rule.type === 'words' && (
        <Field
          label="words"
          htmlFor={`${id}words`}
          stacked
          hint="The score is the share of an answer’s words that are in this list. Separate them with spaces or commas."
        >
          <TextField
            id={`${id}words`}
            className="input area"
            rows={2}
            value={rule.words.join(' ')}
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
            onCommit={(pattern) => {
              const found = patternProblem(pattern, rule.flags);
              setProblem(found);
              if (!found) set({ ...rule, pattern });
            }}
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
    </>
  );
}
