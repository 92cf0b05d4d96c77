import { plain, signed } from '../../charts/number-text';
import { ALIGNMENT_SIDES } from '../../core/direction';
import { isContrastStale } from '../../store/staleness';
import type { AppState, JudgeState } from '../../store/state';
import { hookRangeText } from '../answers/condition-text';
import { conditionLetter } from '../parts/condition-key';

const FAMILY_NAMES: Record<string, string> = { qwen2: 'Qwen2', qwen3: 'Qwen3', gemma2: 'Gemma 2', gemma3: 'Gemma 3', llama: 'Llama' };

/** A model family as people write it. */
export function familyName(family: string): string {
  return FAMILY_NAMES[family] ?? family;
}

/** `blocks.6` of `blocks.6.hook_resid_post`: short where the site is the usual one. */
export function shortHookPoint(hookPoint: string): string {
  return hookPoint.replace(/\.hook_resid_post$/, '').replace(/\.hook_(resid_\w+)$/, ' $1');
}

/** Step 1 in one line: model, family, adapters and how much they are at work. */
export function modelSummary({ document, runtime }: AppState): string {
  const name = runtime.modelInfo?.name || document.model.name || document.model.source;
  const family = familyName(runtime.modelInfo?.family || document.model.family);
  const weights = runtime.modelInfo?.weights;
  const adapters = document.model.adapters.map((adapter) => adapter.name);
  return [name, family, weights, adapters.join(', ')].filter(Boolean).join(' · ');
}

/** Step 2 in one line: the two piles and how many were left out; those of an earlier contrast say so. */
export function contrastSummary({ document, runtime }: AppState): string {
  const report = runtime.contrastReport;
  if (report) {
    const leftOut = report.leftOut.reduce((sum, { count }) => sum + count, 0);
    const { positive, negative } = report.sides ?? ALIGNMENT_SIDES;
    const earlier = isContrastStale({ document, runtime }) ? 'earlier: ' : '';
    return `${earlier}${report.positive} ${positive}, ${report.negative} ${negative}${leftOut ? ` · ${leftOut} left out` : ''}`;
  }
  const recipe = runtime.directions[0]?.recipe ?? document.directions[0]?.recipe;
  if (recipe && recipe.positiveCount > 0) return `recorded: ${recipe.positiveCount} against ${recipe.negativeCount}`;
  if (document.contrast.kind === 'sampled') return 'answers of two conditions, split by score';
  if (document.contrast.kind === 'systemPrompts') return 'two system prompts';
  return document.contrast.rows.length > 0 ? `${document.contrast.rows.length} pairs` : 'none yet';
}

/** Step 3 in one line: the shown direction, where it was read and from what. */
export function directionSummary({ document, session }: AppState): string {
  const shown = document.directions.find(({ id }) => id === session.activeDirectionId) ?? document.directions[0];
  if (!shown) return 'none yet';
  const more = document.directions.length - 1;
  return [shown.name, shortHookPoint(shown.hookPoint), shown.recipe.contrast, more > 0 ? `${more} more` : ''].filter(Boolean).join(' · ');
}

/** Step 4 in one line: every edit with the letters of the conditions it works in. */
export function interventionSummary({ document }: AppState): string {
  if (document.interventions.length === 0) return document.directions.length > 0 ? 'none yet' : 'needs a direction';
  return document.interventions
    .map((intervention) => {
      const letters = document.conditions.flatMap(({ interventionIds }, index) =>
        interventionIds.includes(intervention.id) ? [conditionLetter(index)] : [],
      );
      const amount = intervention.operation === 'steer' ? ` ${signed(intervention.coefficient)}` : '';
      return `${letters.join('')} ${intervention.operation}${amount} ${hookRangeText(intervention)}${intervention.enabled ? '' : ' (off)'}`.trim();
    })
    .join(' · ');
}

/** `agrees 0.97 [0.95, 0.98], n = 600` of the judge's first measured score, or that it was not measured. */
export function agreementText(judge: JudgeState): string {
  const first = judge.agreement?.find(({ value }) => value.mean !== null);
  if (!first || first.value.mean === null) return judge.status === 'ready' ? 'agreement not measured' : 'not ready yet';
  const { mean, low, high, n } = first.value;
  const interval = low !== null && high !== null ? ` [${plain(low, 2)}, ${plain(high, 2)}]` : '';
  return `${first.score} ${first.figure} ${plain(mean, 2)}${interval}, n = ${n}`;
}

const JUDGE_NAMES = {
  grammar: 'exact grammar',
  embedded: 'judge model',
  readout: 'read-out',
  chat: 'chat model',
  api: 'API',
  programmatic: 'rule',
} as const;

/** False for a rule, and for any judge whose score no label speaks of. */
export function isJudgeMeasurable({ document, runtime }: AppState): boolean {
  return document.judge.kind !== 'programmatic' && runtime.judge.measurable !== false;
}

/** Step 5 in one line: the judge and how far it can be trusted. */
export function judgeSummary(state: AppState): string {
  const { document, runtime } = state;
  // The kind, not the judge's full name: the line is short and step 5 tells the rest.
  const trust =
    runtime.judge.status === 'failed' ? 'not ready' : isJudgeMeasurable(state) ? agreementText(runtime.judge) : 'no labels to agree with';
  return `${JUDGE_NAMES[document.judge.kind]} · ${trust}`;
}
