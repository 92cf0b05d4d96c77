import { isLinkFragment } from '../document/link';
import { appStore, clearHistory, notify, recordInDocument, runTask, setSession } from './app-store';
import { runControls, runSweep } from './control-actions';
import { defaultDocument, FIRST_DIRECTION_ID } from './default-document';
import { computeDirection } from './direction-actions';
import { chooseJudge } from './judge-actions';
import { watchEngine } from './engine-failure';
import { measureLean } from './lean';
import { openLink } from './link-actions';
import { pausingLive, startLive } from './live';
import { showMap } from './map-actions';
import { dropReadings, endTasks, loadModel } from './model-actions';
import { keepOrganismDirections } from './organism-directions';
import { offerWorldQuestions, takeQuestionSet } from './question-actions';
import { FIRST_QUESTION_SET } from './question-sets';
import { measureLink } from './recorded-result';
import { runConditions } from './run-actions';

/**
 * Starts the page: a link's recorded result stands at once and nothing is loaded; else the embedded organism answers,
 * its direction is computed, and the edited conditions follow.
 */
export async function boot(): Promise<void> {
  startLive();
  watchEngine();
  window.addEventListener('hashchange', () => void openAddress());
  if (isLinkFragment(location.hash)) {
    await openAddress();
    return;
  }
  await startEmbedded();
}

async function openAddress(): Promise<void> {
  if (!isLinkFragment(location.hash)) return;
  try {
    await openLink(location.hash);
    await offerWorldQuestions().catch(() => undefined);
  } catch (error) {
    notify('error', error instanceof Error ? error.message : String(error), [
      { label: 'Start with the embedded organism', run: () => void startOver() },
    ]);
  }
}

/** The embedded organism in a document of its own, whatever was on screen. */
export async function startOver(): Promise<void> {
  endTasks();
  dropReadings();
  recordInDocument(() => defaultDocument());
  clearHistory();
  await startEmbedded();
}

/** The first sight: base and organism answer, then direction, ablation and steering. */
async function startEmbedded(): Promise<void> {
  await pausingLive(firstSight);
  // What the instruments show besides follows in the background; the page already answers.
  void showInstruments();
}

async function showInstruments(): Promise<void> {
  const { document, runtime } = appStore.getState();
  const [question] = document.questions.items;
  if (runtime.modelStatus !== 'ready' || !question) return;
  const { modelInfo } = runtime;
  const edited = document.conditions.filter(({ interventionIds }) => interventionIds.length > 0);
  const steps = [
    () => showMap('organism', question.id, 0),
    () => runSweep('steering'),
    ...edited.map(
      ({ id }) =>
        () =>
          runControls(id),
    ),
    () => keepOrganismDirections(['bad-finance', 'bad-sports']),
    () => measureLink().catch(() => undefined),
  ];
  for (const step of steps) {
    // Another model or document may have come meanwhile: nothing of this is for it.
    const now = appStore.getState().runtime;
    if (now.modelInfo?.modelId !== modelInfo?.modelId || now.recordedOnly) return;
    await step();
  }
}

async function firstSight(): Promise<void> {
  const questions = offerWorldQuestions().then(() => takeQuestionSet(FIRST_QUESTION_SET));
  if (!(await loadModel({ source: 'organism', backend: wantedBackend(), sameModel: true }))) return;
  await questions;
  await chooseJudge();
  setSession({ activeInterventionId: 'steering' });
  await runTask('First answers', 'answers', ({ signal, progress }) =>
    runConditions({ signal, conditionIds: new Set(['base', 'organism']), onProgress: progress }),
  );
  await computeDirection(FIRST_DIRECTION_ID);
  clearHistory();
  await runTask('First answers', 'answers', async ({ signal, progress }) => {
    await measureLean({ signal });
    await runConditions({ signal, onlyMissing: true, onProgress: progress });
  });
  await measureLink().catch(() => undefined);
}

/** `?backend=wasm` or `?backend=webgpu` in the page's address overrides the choice by measurement. */
function wantedBackend(): 'webgpu' | 'wasm' | null {
  const wanted = new URLSearchParams(location.search).get('backend');
  return wanted === 'webgpu' || wanted === 'wasm' ? wanted : null;
}
