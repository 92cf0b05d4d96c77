import { isLinkFragment } from '../document/link';
import { clearHistory, notify, recordInDocument } from './app-store';
import { defaultDocument } from './default-document';
import { watchEngine } from './engine-failure';
import { openLink } from './link-actions';
import { pausingLive, startLive } from './live';
import { asLoad } from './loads';
import { dropReadings, endTasks, loadModel } from './model-actions';
import { offerWorldQuestions } from './question-actions';
import { beginStart, goOnWithFirstSight, goOnWithInstruments } from './start';

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

/** The first sight: base and organism answer, then direction, ablation and steering; what the instruments show besides follows in the background. */
async function startEmbedded(): Promise<void> {
  const questions = beginStart();
  const choice = { source: 'organism', backend: wantedBackend(), sameModel: true, retry: () => void startEmbedded() };
  await pausingLive(async () => {
    const isLoaded = await asLoad(async () => (await loadModel(choice)) && questions().then(() => true));
    if (isLoaded) await goOnWithFirstSight();
  });
  void goOnWithInstruments();
}

/** `?backend=wasm` or `?backend=webgpu` in the page's address overrides the choice by measurement. */
function wantedBackend(): 'webgpu' | 'wasm' | null {
  const wanted = new URLSearchParams(location.search).get('backend');
  return wanted === 'webgpu' || wanted === 'wasm' ? wanted : null;
}
