import { LoadingLine } from '../recipe/loading-line';
import { useActions } from '../store-context';

/** In place of the scores until there is a model: what is coming, in bytes. */
export function LoadingScores() {
  const actions = useActions();
  return (
    <section className="scores loading-scores" aria-label="Loading">
      <div>
        <b>Loading into this tab. Nothing is sent anywhere.</b>
        <LoadingLine />
        <button type="button" className="link-button" onClick={() => actions.setSession({ openStep: 1 })}>
          What is being loaded
        </button>
      </div>
    </section>
  );
}
