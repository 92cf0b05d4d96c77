import { FileButton } from '../parts/file-button';
import { useActions, useApp } from '../store-context';

/** Asks before anything is fetched from another host, and says what that host would see. */
export function ConsentBanner() {
  const consent = useApp((state) => state.runtime.consent);
  const actions = useActions();
  if (!consent) return null;
  const { receivesAnswers } = consent;
  return (
    <section className="banner ask" aria-label="Permission" role="alert">
      <div className="banner-text">
        <b>Connect to {consent.host}?</b> This experiment names it: {consent.what}, <span className="mono break">{consent.url}</span>.{' '}
        <span className="dim">
          Nothing has been asked of that host yet. It would see your network address and{' '}
          {receivesAnswers ? 'those questions and answers' : 'which files are wanted, not your questions'}.
        </span>
      </div>
      <div className="row">
        <button type="button" className="button main" onClick={() => actions.answerConsent(true)}>
          Allow in this tab
        </button>
        {!receivesAnswers && (
          <FileButton folder onFiles={(files) => void actions.takeOwnFiles(files)}>
            Use my files
          </FileButton>
        )}
        <button type="button" className="button quiet" onClick={() => actions.answerConsent(false)}>
          No
        </button>
      </div>
    </section>
  );
}
