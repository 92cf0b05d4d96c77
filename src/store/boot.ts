import { isLinkFragment } from '../document/link';
import { appStore, clearHistory, notify, runTask, setRuntime, setSession } from './app-store';
import { computeDirection, refreshDirections } from './direction-actions';
import { FIRST_DIRECTION_ID } from './default-document';
import { chooseJudge } from './judge-actions';
import { measureLean } from './lean';
import { remember, startLive } from './live';
import { measureLink, openLink } from './link-actions';
import { loadModel } from './model-actions';
import { offerWorldQuestions, useQuestionSet } from './question-actions';
import { FIRST_QUESTION_SET } from './question-sets';
import { reprojectAnswers } from './reproject';
import { runConditions } from './run-actions';
import { runSweep } from './control-actions';

/**
 * Starts the page: a link's recorded result stands at once and nothing is loaded; else the embedded organism answers,
 * its direction is computed, and the edited conditions follow.
 */
export async function boot(): Promise<void> {
  startLive();
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
    notify('error', error instanceof Error ? error.message : String(error), [{ label: 'Start with the embedded organism', run: () => void startEmbedded() }]);
  }
}

/** The first sight: base and organism answer, then direction, ablation and steering. */
export async function startEmbedded(): Promise<void> {
  const { document } = appStore.getState();
  const questions = offerWorldQuestions().then(() => useQuestionSet(FIRST_QUESTION_SET));
  if (!(await loadModel({ source: 'organism', sameModel: true }))) return;
  await questions;
  await chooseJudge(document.judge);
  setSession({ activeInterventionId: 'steering' });
  await runTask('First answers', 'answers', ({ signal, progress }) => runConditions({ signal, conditionIds: new Set(['base', 'organism']), onProgress: progress }));
  await computeDirection(FIRST_DIRECTION_ID);
  clearHistory();
  remember();
  refreshDirections();
  await runTask('First answers', 'answers', async ({ signal, progress }) => {
    await measureLean({ signal });
    await reprojectAnswers();
    await runConditions({ signal, onlyMissing: true, onProgress: progress });
  });
  await measureLink().catch(() => undefined);
  setRuntime({ recordedOnly: false });
  void runSweep('steering');
}
