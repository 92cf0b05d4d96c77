import { LIMITS } from '../../core/limits';
import { TextField } from '../parts/text-field';
import { useActions, useApp } from '../store-context';

/** The document's title, edited in place. */
export function TitleField() {
  const title = useApp((state) => state.document.title);
  const actions = useActions();
  return (
    <div className="title-field">
      <TextField
        label="Title of this experiment"
        className="title-input"
        value={title}
        placeholder="Untitled"
        maxLength={LIMITS.nameCharacters}
        onCommit={(next) => actions.editDocument((document) => ({ ...document, title: next.trim() }))}
      />
    </div>
  );
}
