import type { ConditionRecord, VaneDocument } from '../document/schema';
import { appStore, setRuntime } from './app-store';
import { settingLabel, settingSignature, weightsSignature } from './condition-run';
import { isOfPresentRan, ranLabel } from './staleness';
import type { AnswerState } from './state';

/** Key of an answer in `runtime.answers`. */
export function answerKey(answer: Pick<AnswerState, 'conditionId' | 'questionId' | 'sample'>): string {
  return `${answer.conditionId}|${answer.questionId}|${answer.sample}`;
}

/** What an answer is made under: another of the first three gives another answer. */
export interface AnswerSetting {
  /** `weightsSignature` of its condition. */
  weights: string;
  /** `settingSignature` of the same. */
  setting: string;
  /** Its question's place in the list, which its random stream is of. */
  place: number;
  /** The condition's setting in words, such as `+0.18`. */
  label: string;
}

/** What an answer was made under, with what ran it: `ranLabel` of the model, which gives other answers too. */
export interface MadeSetting extends AnswerSetting {
  ran: string;
}

/** What a stale answer is tagged with where its question's place is another now, and not its condition's setting. */
const OTHER_PLACE = 'another place';

/** Setting under which each answer on screen was made, by answer key. */
const settings = new Map<string, MadeSetting>();

/** Setting of each answer of the recording that was opened, by answer key; those of answers that have gone too. */
const recordedSettings = new Map<string, AnswerSetting>();

/** Answers that changed since the last paint; written to the store together so that a token costs no render of its own. */
const pending = new Map<string, AnswerState>();
let flushTimer: ReturnType<typeof setTimeout> | null = null;
const FLUSH_INTERVAL_MS = 60;

/** Counts how often every answer was forgotten: what was asked for before belongs to another screen. */
let epoch = 0;

export function answerEpoch(): number {
  return epoch;
}

/** Whether the document still has an answer's place: its condition, its question and so many samples. */
function hasPlace({ conditions, questions, sampling }: VaneDocument, answer: AnswerState): boolean {
  return (
    answer.sample < sampling.samplesPerQuestion &&
    conditions.some(({ id }) => id === answer.conditionId) &&
    questions.items.some(({ id }) => id === answer.questionId)
  );
}

/**
 * Puts an answer on screen at the next flush and remembers the setting it was made under, when it is new. One whose condition or
 * question has gone from the document meanwhile has no place any more and is dropped.
 */
export function putAnswer(answer: AnswerState, setting?: MadeSetting): void {
  if (!hasPlace(appStore.getState().document, answer)) return;
  const key = answerKey(answer);
  pending.set(key, answer);
  if (setting) settings.set(key, setting);
  flushTimer ??= setTimeout(flushAnswers, FLUSH_INTERVAL_MS);
}

/** Writes all pending answers to the store now. */
export function flushAnswers(): void {
  if (flushTimer) clearTimeout(flushTimer);
  flushTimer = null;
  if (pending.size === 0) return;
  const changed = Object.fromEntries(pending);
  pending.clear();
  setRuntime(({ answers }) => ({ answers: { ...answers, ...changed } }));
}

/** The newest state of an answer, whether or not it was flushed. */
export function currentAnswer(key: string): AnswerState | undefined {
  return pending.get(key) ?? appStore.getState().runtime.answers[key];
}

/** The settings that answers of one condition would be made under now, by question id. */
export function settingsOf(document: VaneDocument, condition: ConditionRecord, bypass: boolean): (questionId: string) => AnswerSetting {
  const weights = weightsSignature(document, condition);
  const setting = settingSignature(document, condition, bypass);
  const label = settingLabel(bypass ? { ...document, interventions: [] } : document, condition);
  const places = new Map(document.questions.items.map(({ id }, index) => [id, index]));
  return (questionId) => ({ weights, setting, place: places.get(questionId) ?? -1, label });
}

/** True when the answer of this key on screen was made under the given setting, by what answers now. */
export function isMadeUnder(key: string, present: AnswerSetting): boolean {
  const made = settings.get(key);
  return (
    made !== undefined && isSameSetting(made, present) && made.place === present.place && isOfPresentRan(made.ran, appStore.getState())
  );
}

function isSameSetting(made: AnswerSetting, present: AnswerSetting): boolean {
  return made.weights === present.weights && made.setting === present.setting;
}

/** Puts the recorded answers of a document on screen, made under the document's own settings. */
export function placeRecorded(answers: readonly AnswerState[]): void {
  const { document } = appStore.getState();
  const ran = document.recorded ? ranLabel(document.recorded) : '';
  const present = new Map(document.conditions.map((condition) => [condition.id, settingsOf(document, condition, false)]));
  const placed = answers.filter((answer) => hasPlace(document, answer));
  recordedSettings.clear();
  for (const answer of placed) {
    const setting = present.get(answer.conditionId)?.(answer.questionId);
    if (!setting) continue;
    settings.set(answerKey(answer), { ...setting, ran });
    recordedSettings.set(answerKey(answer), setting);
  }
  setRuntime({ answers: Object.fromEntries(placed.map((answer) => [answerKey(answer), answer])) });
}

/** Puts answers that have lost their place and got it back on screen again, made under the setting that they were made under. */
export function restoreAnswers(answers: readonly AnswerState[]): void {
  const { document } = appStore.getState();
  const missing = answers.filter((answer) => hasPlace(document, answer) && !currentAnswer(answerKey(answer)));
  if (missing.length > 0)
    setRuntime((runtime) => ({
      answers: { ...runtime.answers, ...Object.fromEntries(missing.map((answer) => [answerKey(answer), answer])) },
    }));
}

/** Whether the experiment as it is now would give a recorded answer anew: its place is another, or its condition's setting, or neither. */
export type RecordedStanding = 'otherPlace' | 'otherSetting' | 'asRecorded';

/** Tells of each answer of the opened recording how it stands to the present settings. */
export function recordedStandings(): (answer: Pick<AnswerState, 'conditionId' | 'questionId' | 'sample'>) => RecordedStanding {
  const { document, session } = appStore.getState();
  const present = new Map(document.conditions.map((condition) => [condition.id, settingsOf(document, condition, session.bypass)]));
  return (answer) => {
    const made = recordedSettings.get(answerKey(answer));
    const now = present.get(answer.conditionId)?.(answer.questionId);
    const hasRoom = answer.sample < document.sampling.samplesPerQuestion;
    if (!made || !now || !hasRoom || made.place !== now.place) return 'otherPlace';
    return made.setting === now.setting ? 'asRecorded' : 'otherSetting';
  };
}

/** True while the answer of this key on screen was made under the setting of the recording's own. */
export function isMadeAsRecorded(key: string): boolean {
  const [made, recorded] = [settings.get(key), recordedSettings.get(key)];
  return made !== undefined && made.setting === recorded?.setting && made.place === recorded.place;
}

/** Forgets every answer, as when another model or question set comes. */
export function clearAnswers(): void {
  epoch += 1;
  pending.clear();
  settings.clear();
  setRuntime({ answers: {}, summaries: {}, controls: {}, map: null });
}

/** Takes the scores from every answer that was made here; recorded ones keep those of their recording. */
export function dropScores(): void {
  flushAnswers();
  setRuntime(({ answers }) => ({
    answers: Object.fromEntries(
      Object.entries(answers).map(([key, answer]) => [key, answer.status === 'done' ? { ...answer, scores: null } : answer]),
    ),
  }));
}

/** Drops answers whose condition or question is no longer in the document. */
export function dropOrphans(): void {
  flushAnswers();
  const { document, runtime } = appStore.getState();
  const kept = Object.entries(runtime.answers).filter(([, answer]) => hasPlace(document, answer));
  if (kept.length < Object.keys(runtime.answers).length) setRuntime({ answers: Object.fromEntries(kept) });
}

/** Marks answers made under another setting than the present one as stale, and those of the present one as fresh. */
export function markStale(): void {
  flushAnswers();
  const { document, session, runtime } = appStore.getState();
  let changed = false;
  const answers = { ...runtime.answers };
  for (const condition of document.conditions) {
    const settingFor = settingsOf(document, condition, session.bypass);
    for (const [key, answer] of Object.entries(answers)) {
      if (answer.conditionId !== condition.id) continue;
      const present = settingFor(answer.questionId);
      const stale = !isMadeUnder(key, present);
      const staleFrom = stale ? staleLabel(settings.get(key), present) : null;
      if (stale === answer.stale && staleFrom === answer.staleFrom) continue;
      answers[key] = { ...answer, stale, staleFrom };
      changed = true;
    }
  }
  if (changed) setRuntime({ answers });
}

/** Where a stale answer comes from, in words; null where its setting reads as the present one, such as another prompt. */
function staleLabel(made: MadeSetting | undefined, present: AnswerSetting): string | null {
  if (!made) return null;
  if (isSameSetting(made, present)) return made.place === present.place ? made.ran : OTHER_PLACE;
  return made.label === present.label ? null : made.label;
}
