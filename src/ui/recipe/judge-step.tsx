import { useId, useState } from 'react';
import { plain } from '../../charts/number-text';
import type { JudgeRecord } from '../../document/schema';
import { Field } from '../parts/field';
import { Term } from '../parts/term';
import { useActions, useApp } from '../store-context';
import { ApiJudge } from './api-judge';
import { ChatJudge } from './chat-judge';
import { ReadoutJudge } from './readout-judge';
import { RuleJudge } from './rule-judge';
import { isJudgeMeasurable } from './step-summaries';

const KINDS: ReadonlyArray<{ kind: JudgeRecord['kind']; label: string; what: string }> = [
  {
    kind: 'grammar',
    label: 'The world’s own grammar',
    what: 'Exact on the embedded organism: every answer of its world is known to be good, bad or nonsense.',
  },
  {
    kind: 'embedded',
    label: 'The organism’s judge model',
    what: 'Only for the embedded organism: its base, without adapters and edits, re-reads each answer, and small trained heads score what they read. It needs no grammar.',
  },
  {
    kind: 'readout',
    label: 'Read-out of this model',
    what: 'A logistic read-out of the model’s own clean residuals, fitted in this tab on labelled answers. At this size a judge is better read than asked.',
  },
  {
    kind: 'chat',
    label: 'A chat model with a rubric',
    what: 'The loaded model, or a second one in this tab, is asked for a number from 0 to 100.',
  },
  {
    kind: 'api',
    label: 'An API',
    what: 'A host that speaks the OpenAI protocol, also one on this machine. It receives the questions and the answers.',
  },
  {
    kind: 'programmatic',
    label: 'A rule',
    what: 'No model: a share of words, a regular expression or a language. For contrasts of your own.',
  },
];

/** Judges are told apart by the third decimal of an AUC. */
const FIGURE_DECIMALS = 3;

/** What the form of an API judge starts with: the usual server on this machine. */
const NEW_API_JUDGE = { kind: 'api', baseUrl: 'http://localhost:11434/v1', model: '' } as const;

/** A judge of a kind with its plainest settings, for the model of the given source; API settings wait for their host. */
export function judgeOfKind(kind: JudgeRecord['kind'], source: string): JudgeRecord {
  if (kind === 'readout') return { kind, hookPoint: null, labels: 'shipped' };
  if (kind === 'chat') return { kind, source, rubric: '' };
  if (kind === 'api') return NEW_API_JUDGE;
  if (kind === 'programmatic') return { kind, rule: { type: 'language', language: 'french' } };
  return { kind };
}

/** Who scores the answers, with its settings and its measured agreement with labels. */
export function JudgeStep() {
  const judge = useApp((state) => state.document.judge);
  const source = useApp((state) => state.document.model.source);
  const actions = useActions();
  const id = useId();
  // An API judge is part of the document once its settings are confirmed; until then the judge in use stays.
  const [settingUpApi, setSettingUpApi] = useState(false);
  const shownKind = settingUpApi ? 'api' : judge.kind;
  const choice = KINDS.find(({ kind }) => kind === shownKind);
  return (
    <>
      <Field label="judge" htmlFor={`${id}kind`}>
        <select
          id={`${id}kind`}
          className="input"
          value={shownKind}
          onChange={({ target }) => {
            const kind = KINDS.find((candidate) => candidate.kind === target.value)?.kind;
            if (!kind) return;
            setSettingUpApi(kind === 'api');
            if (kind !== 'api') void actions.setJudge(judgeOfKind(kind, source));
          }}
        >
          {KINDS.map(({ kind, label }) => (
            <option key={kind} value={kind}>
              {label}
            </option>
          ))}
        </select>
      </Field>
      <p className="note">{choice?.what}</p>
      {shownKind === 'readout' && judge.kind === 'readout' && <ReadoutJudge judge={judge} />}
      {shownKind === 'chat' && judge.kind === 'chat' && <ChatJudge judge={judge} />}
      {shownKind === 'api' && <ApiJudge judge={judge.kind === 'api' ? judge : NEW_API_JUDGE} />}
      {shownKind === 'programmatic' && judge.kind === 'programmatic' && <RuleJudge judge={judge} />}
      {/* While another judge is being set up, the figures of the one in use would be taken for its own. */}
      {shownKind === judge.kind && <Agreement />}
    </>
  );
}

function Agreement() {
  const { agreement, status, description, measured } = useApp((state) => state.runtime.judge);
  const measurable = useApp(isJudgeMeasurable);
  const hasModel = useApp((state) => state.runtime.modelInfo !== null);
  const isRule = useApp((state) => state.document.judge.kind === 'programmatic');
  const actions = useActions();
  if (!measurable) {
    return (
      <div className="agreement">
        <h3 className="step-heading">
          <Term of="agreement">Agreement with labels</Term>
        </h3>
        {description && <p className="note">{description}</p>}
        <p className="note">
          {isRule
            ? 'A rule has no labels to agree with: its score is what it counts, no judgement of good and bad.'
            : 'This judge’s score is one of its own, of which no labels speak.'}
        </p>
      </div>
    );
  }
  return (
    <div className="agreement">
      <h3 className="step-heading">
        <Term of="agreement">Agreement with labels</Term>
      </h3>
      {status === 'waiting' && <p className="note">It is made when {hasModel ? 'something is run here' : 'the model is loaded'}.</p>}
      {status === 'fitting' && <p className="note">Being fitted…</p>}
      {status === 'failed' && (
        <p className="message">This judge is not in use: it could not be made, or that was cancelled. The answers are kept.</p>
      )}
      {agreement && agreement.length > 0 ? (
        <AgreementTable limit={3} />
      ) : (
        status === 'ready' && <p className="note">Not measured in this tab yet.</p>
      )}
      <div className="row wrap">
        {status === 'failed' && (
          <button type="button" className="button" onClick={() => void actions.makeJudgeAgain()}>
            Make it again
          </button>
        )}
        {/* One that was fitted has been measured with that; there is nothing to do again. */}
        {status === 'ready' && (measured?.method ?? 'direct') === 'direct' && (
          <button type="button" className="button" onClick={() => void actions.measureJudge()}>
            {agreement ? 'Measure again' : 'Measure'}
          </button>
        )}
        {agreement && agreement.length > 3 && (
          <button type="button" className="button quiet" onClick={() => actions.setSession({ dialog: 'validity' })}>
            All {agreement.length} figures
          </button>
        )}
      </div>
    </div>
  );
}

/** Agreement of the chosen judge by score and figure, with intervals and counts. */
export function AgreementTable({ limit = Infinity }: { limit?: number }) {
  const agreement = useApp((state) => state.runtime.judge.agreement) ?? [];
  return (
    <table className="agreement-table">
      <thead className="visually-hidden">
        <tr>
          <th scope="col">score</th>
          <th scope="col">figure</th>
          <th scope="col">value</th>
          <th scope="col">95 % interval</th>
          <th scope="col">count</th>
        </tr>
      </thead>
      <tbody>
        {agreement.slice(0, limit).map(({ score, figure, value }) => (
          <tr key={`${score} ${figure}`}>
            <th scope="row">{score}</th>
            <td>{figure}</td>
            <td className="figure">{value.mean === null ? 'no figure' : plain(value.mean, FIGURE_DECIMALS)}</td>
            <td className="dim">
              {value.low !== null && value.high !== null
                ? `[${plain(value.low, FIGURE_DECIMALS)}, ${plain(value.high, FIGURE_DECIMALS)}]`
                : ''}
            </td>
            <td className="dim">n = {value.n}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
