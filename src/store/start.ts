import { remembered } from '../core/remembered';
import { answerEpoch } from './answers';
import { appStore, runTask, setSession } from './app-store';
import { runControls, runSweep } from './control-actions';
import { FIRST_DIRECTION_ID } from './default-document';
import { computeDirection } from './direction-actions';
import { chooseJudge, judgeFits } from './judge-actions';
import { measureLean } from './lean';
import { pausingLive } from './live';
import { showMap } from './map-actions';
import { keepOrganismDirections } from './organism-directions';
import { offerWorldQuestions, takeQuestionSet } from './question-actions';
import { FIRST_QUESTION_SET } from './question-sets';
import { measureLink } from './recorded-result';
import { runConditions } from './run-actions';

type Step = () => unknown;

/** What the page needs before it can be used. */
const FIRST_SIGHT: readonly Step[] = [
  () => judgeFits(appStore.getState().document.judge) || chooseJudge(),
  () => setSession({ activeInterventionId: 'steering' }),
  () =>
    runTask('First answers', 'answers', ({ signal, progress }) =>
      runConditions({ signal, conditionIds: new Set(['base', 'organism']), onlyMissing: true, onProgress: progress }),
    ),
  () => computeDirection(FIRST_DIRECTION_ID),
  () =>
    runTask('First answers', 'answers', async ({ signal, progress }) => {
      await measureLean({ signal });
      await runConditions({ signal, onlyMissing: true, onProgress: progress });
    }),
  measured,
];

/** What the instruments show besides; the page already answers. */
const INSTRUMENTS: readonly Step[] = [
  async () => {
    const [question] = appStore.getState().document.questions.items;
    if (question) await showMap('organism', question.id, 0);
  },
  () => runSweep('steering'),
  async () => {
    const edited = appStore.getState().document.conditions.filter(({ interventionIds }) => interventionIds.length > 0);
    for (const { id } of edited) if (isStarting() && hasModel()) await runControls(id);
  },
  () => keepOrganismDirections(['bad-finance', 'bad-sports']),
  measured,
];

interface Start {
  /** Counts screens: another document or model that takes the place of this one ends the start. */
  epoch: number;
  sight: Step[];
  instruments: Step[];
}

/** What is left of the start. */
let left: Start | null = null;
/** Steps under way; whoever goes on with the start waits for them. */
let working: Promise<void> = Promise.resolve();

/**
 * Begins the start of the embedded organism: its questions come while its model is loaded. What remained of an earlier start is forgotten.
 * @returns resolves once the questions are there, or cannot be had, which the first step then says.
 */
export function beginStart(): () => Promise<void> {
  const start: Start = { epoch: answerEpoch(), sight: [], instruments: [...INSTRUMENTS] };
  const questions = remembered(() =>
    offerWorldQuestions().then(() => (left === start && isStarting() ? takeQuestionSet(FIRST_QUESTION_SET) : undefined)),
  );
  start.sight = [questions, ...FIRST_SIGHT];
  left = start;
  const come = questions().catch(() => undefined);
  return () => come;
}

/** True while something of the start is still to be done for what is on screen. */
function isStarting(): boolean {
  return left !== null && left.epoch === answerEpoch();
}

/** Goes on with the first sight where it was cut off, as by a dead engine; resolves when the page answers. */
export function goOnWithFirstSight(): Promise<void> {
  return pausingLive(() => take('sight'));
}

/** Goes on with both after a load; what the instruments show follows in the background. */
export async function goOnWithStart(): Promise<void> {
  await goOnWithFirstSight();
  void goOnWithInstruments();
}

/** Goes on with what the instruments show besides. */
export function goOnWithInstruments(): Promise<void> {
  return take('instruments');
}

function take(part: 'sight' | 'instruments'): Promise<void> {
  working = working.catch(() => undefined).then(() => takeSteps(part));
  return working;
}

/** Takes steps in their order. One that is cut off by the loss of the model is taken again by whoever goes on. */
async function takeSteps(part: 'sight' | 'instruments'): Promise<void> {
  const start = left;
  if (!start || (part === 'instruments' && start.sight.length > 0)) return;
  for (let [step] = start[part]; step && isStarting() && hasModel(); [step] = start[part]) {
    await step();
    // Another model or document may have come meanwhile: nothing of this is for it.
    if (left !== start || !isStarting() || !hasModel()) return;
    start[part].shift();
  }
}

function hasModel(): boolean {
  return appStore.getState().runtime.modelInfo !== null;
}

async function measured(): Promise<void> {
  await measureLink().catch(() => undefined);
}
