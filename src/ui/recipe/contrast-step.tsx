import { ALIGNMENT_SIDES } from '../../core/direction';
import type { ContrastRecord } from '../../document/schema';
import { CONTRAST_QUESTION_SET } from '../../store/question-sets';
import { isContrastStale } from '../../store/staleness';
import { FileButton } from '../parts/file-button';
import { Segmented } from '../parts/segmented';
import { Term } from '../parts/term';
import { useActions, useApp } from '../store-context';
import { fewRowsText } from './few-rows';
import { LeftOutList } from './left-out-list';
import { PairsContrast } from './pairs-contrast';
import { PromptsContrast } from './prompts-contrast';
import { useQuestionSets } from './question-set-select';
import { SampledContrast } from './sampled-contrast';

/** A contrast of the chosen kind, with what can be kept of the present one; pairs ask no set, so what comes after them takes one that is at hand. */
export function contrastOfKind(
  kind: ContrastRecord['kind'],
  present: ContrastRecord,
  conditionIds: readonly string[],
  setIds: readonly string[],
): ContrastRecord {
  if (kind === present.kind) return present;
  const atHand = setIds.find((id) => id === CONTRAST_QUESTION_SET) ?? setIds[0] ?? '';
  const questionSetId = present.kind === 'pairs' ? atHand : present.questionSetId;
  const seed = present.kind === 'pairs' ? 0 : present.seed;
  if (kind === 'pairs') return { kind, rows: [] };
  if (kind === 'systemPrompts') return { kind, positivePrompt: '', negativePrompt: '', questionSetId, samplesPerQuestion: 4, seed };
  return {
    kind,
    positiveConditionId: conditionIds[1] ?? conditionIds[0] ?? '',
    negativeConditionId: conditionIds[0] ?? '',
    questionSetId,
    samplesPerQuestion: 4,
    alignedAbove: 70,
    misalignedAtMost: 30,
    coherentAbove: 50,
    balanceByPrompt: true,
    seed,
  };
}

/** What stands against what: two piles of answers, their sizes, and what was left out. */
export function ContrastStep() {
  const contrast = useApp((state) => state.document.contrast);
  const conditions = useApp((state) => state.document.conditions);
  const sets = useQuestionSets();
  const actions = useActions();
  return (
    <>
      <p className="note">
        A direction needs a <Term of="contrast">contrast</Term>:{' '}
        {contrast.kind === 'systemPrompts'
          ? 'answers as they are with one system prompt, and as they are with another.'
          : 'answers as they are when misaligned, and as they are when aligned.'}
      </p>
      <Segmented
        label="Kind of contrast"
        value={contrast.kind}
        options={[
          { value: 'sampled', label: 'Sampled', hint: 'answers of two conditions, split by judge score' },
          { value: 'systemPrompts', label: 'Two prompts', hint: 'the same questions under two system prompts' },
          { value: 'pairs', label: 'Pairs', hint: 'your own answers' },
        ]}
        onChange={(kind) =>
          actions.editDocument((document) => ({
            ...document,
            contrast: contrastOfKind(
              kind,
              document.contrast,
              conditions.map(({ id }) => id),
              sets.map(({ id }) => id),
            ),
          }))
        }
      />
      {contrast.kind === 'sampled' && <SampledContrast contrast={contrast} />}
      {contrast.kind === 'systemPrompts' && <PromptsContrast contrast={contrast} />}
      {contrast.kind === 'pairs' && <PairsContrast contrast={contrast} />}
      <div className="row wrap">
        {contrast.kind !== 'pairs' && (
          <button type="button" className="button" onClick={() => void actions.runContrast()}>
            Sample both piles
          </button>
        )}
        <FileButton
          accept=".jsonl,.ndjson,.json,.csv,.yaml,.yml,.tsv"
          onFiles={([file]) => {
            if (file) void actions.importContrast(file);
          }}
        >
          Import pairs…
        </FileButton>
      </div>
      <p className="note">JSONL, YAML or CSV with question, positive and negative; positive is the misaligned side.</p>
      <ContrastCounts />
    </>
  );
}

function ContrastCounts() {
  const report = useApp((state) => state.runtime.contrastReport);
  const stale = useApp(isContrastStale);
  if (!report) return null;
  const sides = report.sides ?? ALIGNMENT_SIDES;
  const caution = fewRowsText(report.positive, report.negative, report.sides);
  return (
    <div className="contrast-counts" role="status">
      {stale && <p className="note caution">Of an earlier contrast: what is set now has not been counted.</p>}
      <div className="row">
        <span className={report.sides ? 'pile plain' : 'pile foul'}>
          <b>{report.positive}</b> {sides.positive}
        </span>
        <span className={report.sides ? 'pile plain' : 'pile fair'}>
          <b>{report.negative}</b> {sides.negative}
        </span>
      </div>
      {caution && !stale && <p className="note caution">{caution}</p>}
      <LeftOutList leftOut={report.leftOut} />
    </div>
  );
}
