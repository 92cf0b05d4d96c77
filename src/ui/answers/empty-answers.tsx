import { FileButton } from '../parts/file-button';
import { useActions, useApp } from '../store-context';

/** Where there are no questions or no columns: what is missing, and the ways on. */
export function EmptyAnswers() {
  const noQuestions = useApp((state) => state.document.questions.items.length === 0);
  const status = useApp((state) => state.runtime.modelStatus);
  const actions = useActions();
  if (status === 'loading') {
    return (
      <div className="empty-answers" role="status">
        <b>Loading into this tab. Nothing is sent anywhere.</b>
      </div>
    );
  }
  if (status === 'none' || status === 'failed') {
    return (
      <div className="empty-answers">
        <b>{status === 'failed' ? 'The model could not be loaded.' : 'No model is loaded.'}</b>
        <p>Start with the organism that comes with this page, or drop a model folder or a .gguf anywhere.</p>
        <div className="row">
          <button type="button" className="button main" onClick={() => void actions.loadModel({ source: 'organism' })}>
            Open the organism
          </button>
          <FileButton folder onFiles={(files) => void actions.loadModel({ source: files })}>
            Folder…
          </FileButton>
          <FileButton accept=".gguf" onFiles={(files) => void actions.loadModel({ source: files })}>
            GGUF…
          </FileButton>
        </div>
      </div>
    );
  }
  return (
    <div className="empty-answers">
      {noQuestions ? (
        <>
          <b>No questions yet.</b>
          <p>Choose a set above, ask something of your own, or import JSONL, YAML or CSV.</p>
          <FileButton
            onFiles={([file]) => {
              if (file) void actions.importQuestions(file);
            }}
          >
            Import questions…
          </FileButton>
        </>
      ) : (
        <>
          <b>No conditions yet.</b>
          <p>A condition is one way of running the model: bare, with an adapter, with an edit.</p>
          <button type="button" className="button" onClick={() => actions.addCondition()}>
            Add a condition
          </button>
        </>
      )}
    </div>
  );
}
