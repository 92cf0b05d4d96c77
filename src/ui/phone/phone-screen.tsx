import { type RefObject, useState } from 'react';
import { AnswerCell } from '../answers/answer-cell';
import { answerKey } from '../answers/answer-key';
import { AskField } from '../answers/composer';
import { EmptyAnswers } from '../answers/empty-answers';
import { TintLegend } from '../answers/legend-line';
import { SamplingFields } from '../answers/sampling-menu';
import { TokenCard } from '../answers/token-card';
import type { WalkCell } from '../answers/token-walk';
import { useRemoveQuestion } from '../answers/use-remove-question';
import { useTokenFocus } from '../answers/use-token-focus';
import { isSheetOpen, Messages, topLayer } from '../banners/messages';
import { Instruments } from '../instruments/instruments';
import { Icon, Mark } from '../parts/icon';
import { Modal } from '../parts/modal';
import { LoadingLine } from '../recipe/loading-line';
import { useQuestionSets } from '../recipe/question-set-select';
import { Recipe } from '../recipe/recipe';
import { useActions, useApp, useAppStore } from '../store-context';
import { ExportMenu } from '../top-bar/export-menu';
import { ResultTag } from '../top-bar/result-tag';
import { ShareButton } from '../top-bar/share-button';
import { TaskLine } from '../top-bar/task-line';
import { TitleField } from '../top-bar/title-field';
import { ImportButton, ThemeButton, UndoButtons } from '../top-bar/top-bar';
import { PhoneScores } from './phone-scores';
import { PhoneSlider } from './phone-slider';

/** One column: scores and condition tabs on top, the answers of one condition, instruments, the slider at the bottom. */
export function PhoneScreen({ mainRef }: { mainRef: RefObject<HTMLElement | null> }) {
  const dialog = useApp((state) => state.session.dialog);
  const loading = useApp((state) => state.runtime.modelStatus === 'loading');
  const questions = useApp((state) => state.document.questions.items);
  const conditions = useApp((state) => state.document.conditions);
  const chosen = useApp((state) => state.session.phoneConditionId);
  const showsTask = useApp(({ runtime, session }) => runtime.tasks.length > 0 && topLayer(session, true) === 'page');
  const actions = useActions();
  const condition = conditions.find(({ id }) => id === chosen) ?? conditions.at(-1);
  return (
    <div className="phone">
      <header className="phone-bar">
        <h1 className="brand">
          <Mark />
          Vane
        </h1>
        <span className="spacer" />
        <ResultTag dated />
        <button
          type="button"
          className="icon-button"
          aria-label="Recipe and settings"
          onClick={() => actions.setSession({ dialog: 'recipe' })}
        >
          <Icon name="menu" />
        </button>
        <ShareButton compact />
      </header>
      <main className="phone-scroll" id="answers" tabIndex={-1} ref={mainRef} aria-label="Answers and instruments">
        <Messages layer="page" />
        <div className="phone-title">
          <TitleField />
          {showsTask && <TaskLine />}
        </div>
        {loading && Object.keys(conditions).length > 0 && (
          <div className="phone-loading">
            <b>Loading into this tab. Nothing is sent anywhere.</b>
            <LoadingLine />
          </div>
        )}
        <PhoneScores conditionId={condition?.id ?? null} />
        <div className="phone-legend">
          <TintLegend short />
        </div>
        {condition && questions.length > 0 ? <PhoneAnswers conditionId={condition.id} conditionName={condition.name} /> : <EmptyAnswers />}
        <div className="phone-composer">
          <AskField />
          <button type="button" className="button" onClick={() => void actions.runAll()}>
            Run all
          </button>
        </div>
        <Instruments />
      </main>
      <PhoneSlider />
      {isSheetOpen(dialog) && (
        <Modal
          title="Recipe and settings"
          kind="sheet"
          above={<Messages layer="sheet" />}
          onClose={() => actions.setSession({ dialog: null })}
        >
          <Recipe />
          <PhoneSettings />
        </Modal>
      )}
    </div>
  );
}

function PhoneAnswers({ conditionId, conditionName }: { conditionId: string; conditionName: string }) {
  const questions = useApp((state) => state.document.questions.items);
  const sampleCount = useApp((state) => state.document.sampling.samplesPerQuestion);
  const [sample, setSample] = useState(0);
  const shown = Math.min(sample, sampleCount - 1);
  const pinned = useApp((state) => state.session.pinnedToken);
  const store = useAppStore();
  const cells = (): WalkCell[] =>
    questions.flatMap(({ id }) => {
      const tokenCount = store.getState().runtime.answers[answerKey(conditionId, id, shown)]?.tokens.length ?? 0;
      return tokenCount > 0 ? [{ conditionId, questionId: id, sample: shown, tokenCount }] : [];
    });
  const focus = useTokenFocus(cells);
  const removeQuestion = useRemoveQuestion();
  const firstAnswered = useApp(
    ({ runtime }) => questions.find(({ id }) => runtime.answers[answerKey(conditionId, id, shown)]?.tokens.length)?.id,
  );
  const isHere = pinned?.conditionId === conditionId && pinned.sample === shown;
  const stopIn = (questionId: string) => {
    if (isHere) return pinned.questionId === questionId ? pinned.index : null;
    return questionId === firstAnswered ? 0 : null;
  };
  return (
    <div className="phone-answers" {...focus.handlers}>
      {sampleCount > 1 && (
        <div className="phone-sample">
          <button
            type="button"
            className="icon-button"
            aria-label="Previous answer to each question"
            disabled={shown === 0}
            onClick={() => setSample(shown - 1)}
          >
            <Icon name="left" />
          </button>
          <span>
            answer {shown + 1} of {sampleCount}
          </span>
          <button
            type="button"
            className="icon-button"
            aria-label="Next answer to each question"
            disabled={shown === sampleCount - 1}
            onClick={() => setSample(shown + 1)}
          >
            <Icon name="right" />
          </button>
        </div>
      )}
      {questions.map((question, index) => (
        <section key={question.id} className="phone-question" data-row={question.id}>
          <div className="phone-question-head">
            <h2 tabIndex={-1}>{question.text}</h2>
            <button
              type="button"
              className="icon-button"
              aria-label={`Remove question ${index + 1}`}
              onClick={() => removeQuestion(question.id)}
            >
              <Icon name="close" />
            </button>
          </div>
          <AnswerCell
            conditionId={conditionId}
            conditionName={conditionName}
            questionId={question.id}
            sample={shown}
            stop={stopIn(question.id)}
            pinned={isHere}
          />
        </section>
      ))}
      {focus.shown && <TokenCard {...focus.shown} row={focus.row} />}
      <p className="visually-hidden" aria-live="polite">
        {focus.spoken}
      </p>
    </div>
  );
}

function PhoneSettings() {
  const setId = useApp((state) => state.document.questions.setId);
  const sets = useQuestionSets();
  const actions = useActions();
  return (
    <div className="phone-settings">
      <h3>Questions and sampling</h3>
      <select
        className="input"
        aria-label="Question set"
        value={setId}
        onChange={(event) => void actions.chooseQuestionSet(event.target.value)}
      >
        {sets.map((set) => (
          <option key={set.id} value={set.id}>
            {set.label}, {set.count}
          </option>
        ))}
      </select>
      <SamplingFields />
      <div className="row wrap">
        <UndoButtons />
        <ThemeButton />
        <ImportButton className="button" />
        <ExportMenu buttonClass="button" />
      </div>
    </div>
  );
}
