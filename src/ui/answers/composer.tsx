import { LIMITS } from '../../core/limits';
import { FileButton } from '../parts/file-button';
import { Icon } from '../parts/icon';
import { useQuestionSets } from '../recipe/question-set-select';
import { useActions, useApp, useAppStore } from '../store-context';
import { SamplingMenu } from './sampling-menu';

/** What is asked of all conditions: a set of questions or one of your own; how it is sampled; Run all. */
export function Composer() {
  const setId = useApp((state) => state.document.questions.setId);
  const busy = useApp((state) => state.runtime.modelStatus === 'loading');
  const sets = useQuestionSets();
  const actions = useActions();
  return (
    <div className="composer">
      <select
        className="input question-set"
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
      <FileButton
        className="icon-button"
        accept=".jsonl,.csv,.yaml,.yml,.txt,.tsv"
        onFiles={([file]) => {
          if (file) void actions.importQuestions(file);
        }}
      >
        <Icon name="file" />
        <span className="visually-hidden">Import questions</span>
      </FileButton>
      <AskField />
      <SamplingMenu />
      <button type="button" className="button run-all" disabled={busy} onClick={() => void actions.runAll()}>
        Run all <kbd className="plain">Ctrl ↵</kbd>
      </button>
    </div>
  );
}

/** One's own question, asked of every condition with Enter. */
export function AskField() {
  // In the session: the field is another one after a phone was turned.
  const question = useApp((state) => state.session.typedQuestion);
  const store = useAppStore();
  const actions = useActions();
  const setQuestion = (typedQuestion: string) => actions.setSession({ typedQuestion });
  // Out of the way at once, and back when it could not be asked: nobody types it twice.
  const submit = async (text: string) => {
    setQuestion('');
    if (!(await actions.ask(text)) && !store.getState().session.typedQuestion) setQuestion(text);
  };
  return (
    <form
      className="ask-form"
      onSubmit={(event) => {
        event.preventDefault();
        const text = question.trim();
        if (text) void submit(text);
      }}
    >
      <input
        className="input"
        aria-label="Ask all conditions something of your own"
        placeholder="Ask all conditions something of your own"
        enterKeyHint="send"
        autoComplete="off"
        maxLength={LIMITS.questionCharacters}
        value={question}
        onChange={(event) => setQuestion(event.target.value)}
      />
    </form>
  );
}
