import { ArgumentError } from '../core/errors';
import type { ConditionRecord, VaneDocument } from '../document/schema';
import type { Bench, Condition, Question, Sampling } from '../experiments/condition';
import { controlConditions } from '../experiments/controls';
import { type EvaluatedAnswer, evaluate } from '../experiments/evaluate';
import { sweep } from '../experiments/sweep';
import { appStore, isAbort, runTask, setRuntime, type Task } from './app-store';
import { settingLabel, toIntervention } from './condition-run';
import { theEngine } from './engine-handle';
import { presentJudge } from './judge-actions';
import { requireModel } from './require-model';
import { toAnswerScores } from './scoring';
import { controlsSignature, ranBy, sweepSignature } from './staleness';
import type { ControlSummary, SweepPoint } from './state';
import { NO_ESTIMATE, summariseScores } from './summaries';

/** Coefficients of a sweep: both sides of zero, denser where answers turn. */
const SWEEP_COEFFICIENTS = [-1, -0.5, -0.25, 0, 0.2, 0.4, 0.6, 0.8, 1, 1.5] as const;
/** Answers a sweep point or control stands on, at most. */
const POINT_ANSWERS = 32;

function bench(signal: AbortSignal): Bench {
  const { modelId } = requireModel('experiment');
  return { engine: theEngine(), modelId, signal, batchRows: POINT_ANSWERS };
}

/** A condition of the document as experiments take it; its interventions hold whole directions, so that controls can be made of them. */
export function experimentCondition(document: VaneDocument, record: ConditionRecord): Condition {
  const { directions } = appStore.getState().runtime;
  const used = document.interventions.filter(({ id, enabled }) => enabled && record.interventionIds.includes(id));
  return {
    id: record.id,
    name: record.name,
    adapterScales: record.adapterScales,
    systemPrompt: record.systemPrompt,
    interventions: used.map((intervention) => ({
      ...toIntervention(intervention, directions),
      direction: directions.find(({ id }) => id === intervention.directionId) ?? new Float32Array(),
    })),
  };
}

function questionsAndSampling(): { questions: Question[]; sampling: Sampling } {
  const { questions, sampling } = appStore.getState().document;
  return {
    questions: questions.items,
    sampling: {
      ...sampling,
      samplesPerQuestion: Math.max(1, Math.min(sampling.samplesPerQuestion, Math.ceil(POINT_ANSWERS / questions.items.length))),
    },
  };
}

function summaryOf(answers: readonly EvaluatedAnswer[]) {
  return summariseScores(answers.flatMap(({ scores }) => (scores ? [toAnswerScores(scores)] : [])));
}

/** Runs the chosen controls of one condition on its questions and seed and puts them beside its effect. */
export async function runControls(conditionId: string): Promise<void> {
  await runTask(
    'Controls',
    'answers',
    async ({ signal, progress }) => {
      const judge = await presentJudge(signal);
      const { document } = appStore.getState();
      const record = document.conditions.find(({ id }) => id === conditionId);
      if (!record) return;
      const { controls } = document;
      const made = controlConditions(experimentCondition(document, record), {
        randomSeeds: controls.random ? controls.randomSeeds : [],
        flipped: controls.flipped,
        orthogonalSeeds: controls.orthogonal ? [1] : [],
        goodAdapter: controls.goodAdapter,
      });
      if (made.length === 0) throw new ArgumentError('controls: expected at least one, got none.', 'Switch one on in step 4.');
      const ran = ranBy(appStore.getState());
      const shown: ControlSummary[] = made.map(({ kind, label }) => ({
        kind,
        label,
        alignment: NO_ESTIMATE,
        coherence: NO_ESTIMATE,
        custom: NO_ESTIMATE,
        em: { k: 0, n: 0, low: 0, high: 1 },
        status: 'running',
        madeUnder: controlsSignature(document, conditionId, ran),
        madeFrom: settingLabel(document, record),
      }));
      let onScreen: ControlSummary[] | null = null;
      // Another document or a newer run may have put others in their place, which stand.
      const show = () =>
        setRuntime(({ controls: all }) => {
          if (onScreen && all[conditionId] !== onScreen) return {};
          onScreen = [...shown];
          return { controls: { ...all, [conditionId]: onScreen } };
        });
      show();
      const { questions, sampling } = questionsAndSampling();
      const total = made.length * questions.length * sampling.samplesPerQuestion;
      let done = 0;
      const work = async () => {
        for (const [index, { condition }] of made.entries()) {
          const { answers, judgeError } = await evaluate(bench(signal), {
            conditions: [condition],
            questions,
            sampling,
            judge,
            onAnswer: () => progress(++done, total),
          });
          const { alignment, coherence, custom, em } = summaryOf(answers);
          shown[index] = { ...(shown[index] as ControlSummary), alignment, coherence, custom, em, status: judgeError ? 'failed' : 'done' };
          show();
          if (judgeError) throw judgeError;
        }
      };
      await work().catch((error: unknown) => {
        const ended = isAbort(error) ? 'cancelled' : 'failed';
        for (const [index, control] of shown.entries()) if (control.status === 'running') shown[index] = { ...control, status: ended };
        show();
        throw error;
      });
    },
    { retry: () => void runControls(conditionId) },
  );
}

/** Scores the first condition that uses an intervention at each coefficient; the points become the slider's track. */
export async function runSweep(interventionId: string): Promise<void> {
  await sweepTask('Sweep', interventionId, {
    conditionAt: (condition) => condition,
    onPoints: (points, madeUnder) =>
      setRuntime(({ sweeps, sweepsMadeUnder }) => ({
        sweeps: { ...sweeps, [interventionId]: points },
        sweepsMadeUnder: { ...sweepsMadeUnder, [interventionId]: madeUnder },
      })),
    retry: () => void runSweep(interventionId),
  });
}

/** The same sweep along a random direction of the same length: what steering costs that has nothing to do with this direction. */
export async function runControlSweep(interventionId: string): Promise<void> {
  const [seed = 1] = appStore.getState().document.controls.randomSeeds;
  const only = { randomSeeds: [seed], flipped: false, orthogonalSeeds: [], goodAdapter: null };
  await sweepTask('Control sweep', interventionId, {
    conditionAt: (condition) => controlConditions(condition, only)[0]?.condition ?? condition,
    onPoints: (points, madeUnder) =>
      setRuntime(({ controlSweeps }) => ({
        controlSweeps: { ...controlSweeps, [interventionId]: { label: 'random', points, madeUnder } },
      })),
    retry: () => void runControlSweep(interventionId),
  });
}

interface SweepPlan {
  /** What is run in place of the condition at one coefficient. */
  conditionAt: (condition: Condition) => Condition;
  onPoints: (points: SweepPoint[], madeUnder: string) => void;
  retry: () => void;
}

async function sweepTask(label: string, interventionId: string, { conditionAt, onPoints, retry }: SweepPlan): Promise<void> {
  const work = async ({ signal, progress }: Task) => {
    const judge = await presentJudge(signal);
    const { document } = appStore.getState();
    const record = document.conditions.find(({ interventionIds }) => interventionIds.includes(interventionId));
    const intervention = document.interventions.find(({ id }) => id === interventionId);
    if (!record || !intervention)
      throw new ArgumentError('sweep: expected a condition that uses the intervention, got none.', 'Add it to a condition.');
    const { questions, sampling } = questionsAndSampling();
    const coefficients = [...new Set([...SWEEP_COEFFICIENTS, Number(intervention.coefficient.toFixed(2))])].sort((a, b) => a - b);
    const total = coefficients.length * questions.length * sampling.samplesPerQuestion;
    const points: SweepPoint[] = [];
    const madeUnder = sweepSignature(document, interventionId, ranBy(appStore.getState()));
    let done = 0;
    await sweep(bench(signal), {
      coefficients,
      conditionAt: (coefficient) => {
        const at = (candidate: VaneDocument['interventions'][number]) =>
          candidate.id === interventionId ? { ...candidate, coefficient, enabled: true } : candidate;
        return conditionAt(experimentCondition({ ...document, interventions: document.interventions.map(at) }, record));
      },
      questions,
      sampling,
      judge,
      onAnswer: () => progress(++done, total),
      onPoint({ coefficient, evaluation }) {
        const { alignment, coherence, custom, em } = summaryOf(evaluation.answers);
        points.push({ coefficient, alignment, coherence, custom, em });
        onPoints([...points], madeUnder);
      },
    });
  };
  await runTask(label, 'answers', work, { retry });
}
