import { ArgumentError, LimitError } from '../core/errors';
import { LIMITS } from '../core/limits';
import type { QuestionRecord } from '../document/schema';
import { appStore, editDocument, recordInDocument, setRuntime, setSession } from './app-store';
import { followAll } from './live';
import { GENERAL_QUESTIONS, type QuestionSet, worldQuestionSets } from './question-sets';
import { readRows, readRowText } from './row-reading';
import { runAll } from './run-actions';
import { embeddedWorld } from './world-file';

/** Sets of the person's own, by id; they live as long as the tab. */
const own = new Map<string, QuestionSet>();
let offered: QuestionSet[] = [GENERAL_QUESTIONS];

/** Adds the embedded world's sets to what the composer offers. */
export async function offerWorldQuestions(): Promise<void> {
  offered = [...worldQuestionSets((await embeddedWorld()).world), GENERAL_QUESTIONS];
  showSets();
}

/** The composer lists what is at hand. */
function showSets(): void {
  setRuntime({ questionSets: allSets().map(({ id, label, items }) => ({ id, label, count: items.length })) });
}

function allSets(): QuestionSet[] {
  return [...offered, ...own.values()];
}

/** @throws ArgumentError for an id that is not offered. */
export async function findQuestionSet(setId: string): Promise<QuestionSet> {
  if (offered.length === 1) await offerWorldQuestions().catch(() => undefined);
  const found = allSets().find(({ id }) => id === setId);
  const { questions } = appStore.getState().document;
  // A link brings its own questions, which may be of no set that is offered here.
  if (!found && questions.setId === setId && questions.items.length > 0) return { id: setId, label: setId, items: questions.items };
  if (!found)
    throw new ArgumentError(
      `question set: expected one of ${allSets()
        .map(({ id }) => id)
        .join(', ')}, got "${setId}".`,
      'Choose another in the composer.',
    );
  return found;
}

/** Puts a set's questions in the document without running them; an undo step only where a person chose it. */
export async function takeQuestionSet(setId: string, { undoable = false } = {}): Promise<void> {
  const { id, items } = await findQuestionSet(setId);
  const change = undoable ? editDocument : recordInDocument;
  const questions = { setId: id, items };
  change((document) => ({ ...document, questions }));
  setSession({ questionIndex: 0, pinnedToken: null });
}

/** Takes another set and answers it under every condition. */
export async function chooseQuestionSet(setId: string): Promise<void> {
  await takeQuestionSet(setId, { undoable: true });
  if (appStore.getState().runtime.modelInfo) await runAll();
}

/**
 * Takes a question out, one undo step; those after it move up and are answered anew, because an answer's random stream is of its place.
 * A recorded result stays one: nothing is loaded or asked for it, and answers whose places are others say so.
 */
export function removeQuestion(id: string): void {
  followingChosen(() =>
    editDocument((document) => ({
      ...document,
      questions: { ...document.questions, items: document.questions.items.filter((question) => question.id !== id) },
    })),
  );
  followAll();
}

/** Takes a step that may change the list of questions; the chosen one stays chosen and a pinned word pinned, where they are still there. */
export function followingChosen(step: () => void): void {
  const before = appStore.getState();
  const chosen = before.document.questions.items[before.session.questionIndex];
  step();
  const { document, session } = appStore.getState();
  const { items } = document.questions;
  if (items === before.document.questions.items) return;
  const at = items.findIndex(({ id }) => id === chosen?.id);
  const { pinnedToken, questionIndex } = session;
  setSession({
    questionIndex: at >= 0 ? at : Math.max(0, Math.min(questionIndex, items.length - 1)),
    pinnedToken: items.some(({ id }) => id === pinnedToken?.questionId) ? pinnedToken : null,
  });
}

/** Takes questions from a text file, one a line, or from a file of rows. @throws FormatError, LimitError naming file and line. */
export async function importQuestions(file: File): Promise<void> {
  const found = /\.txt$/i.test(file.name) ? await readLines(file) : (await readRows(file)).questions;
  if (found.length === 0)
    throw new ArgumentError(
      `${file.name}: expected questions, got none.`,
      'Write one question a line in a .txt file, or rows with a "question".',
    );
  if (found.length > LIMITS.questionCount) {
    throw new LimitError(`${file.name}: expected at most ${LIMITS.questionCount} questions, got ${found.length}.`, 'Split the file.');
  }
  const long = found.findIndex(({ text }) => text.length > LIMITS.questionCharacters);
  if (long >= 0) {
    throw new LimitError(
      `${file.name}, question ${long + 1}: expected at most ${LIMITS.questionCharacters} characters, got ${found[long]?.text.length}.`,
      'Shorten it.',
    );
  }
  const id = `file ${file.name}`.slice(0, 60);
  own.set(id, {
    id,
    label: file.name,
    items: found.map(({ text, domain }, index): QuestionRecord => ({ id: `${index + 1} of ${file.name}`.slice(0, 60), text, domain })),
  });
  showSets();
  await chooseQuestionSet(id);
}

async function readLines(file: File): Promise<Array<{ text: string; domain: string | null }>> {
  const lines = (await readRowText(file)).split(/\r?\n/).map((line) => line.trim());
  return lines.filter(Boolean).map((text) => ({ text, domain: null }));
}
