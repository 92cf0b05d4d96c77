import { FileButton } from '../parts/file-button';
import { Icon, Mark } from '../parts/icon';
import { useMedia } from '../parts/use-media';
import { useActions, useApp } from '../store-context';
import { useResolvedTheme } from '../use-theme';
import { BackendSwitch } from './backend-switch';
import { ExportMenu } from './export-menu';
import { ResultTag } from './result-tag';
import { ShareButton } from './share-button';
import { TaskLine } from './task-line';
import { TitleField } from './title-field';

/** Name, undo, the document's title and state, running work, and the ways out. */
export function TopBar() {
  const actions = useActions();
  return (
    <header className="top-bar">
      <div className="top-bar-brand">
        <h1 className="brand">
          <Mark />
          Vane
        </h1>
        <span className="spacer" />
        <UndoButtons />
      </div>
      <div className="top-bar-main">
        <TitleField />
        <ResultTag />
        <span className="spacer" />
        <TaskLine />
        <BackendSwitch />
        <ThemeButton />
        <button
          type="button"
          id="kiosk-button"
          className="icon-button kiosk-button"
          aria-label="Projector view"
          title="Projector view (P)"
          onClick={() => actions.setSession({ kiosk: true })}
        >
          <Icon name="projector" />
        </button>
        <button
          type="button"
          className="icon-button keys-button"
          aria-label="Keys"
          title="Keys (?)"
          onClick={() => actions.setSession({ dialog: 'keys' })}
        >
          <Icon name="help" />
        </button>
        <ImportButton className="button quiet" />
        <ExportMenu />
        <ShareButton />
      </div>
    </header>
  );
}

export function UndoButtons() {
  const actions = useActions();
  const canUndo = useApp((state) => state.runtime.canUndo);
  const canRedo = useApp((state) => state.runtime.canRedo);
  return (
    <>
      <button
        type="button"
        className="icon-button"
        aria-label="Undo"
        title="Undo (Ctrl Z)"
        disabled={!canUndo}
        onClick={() => actions.undo()}
      >
        <Icon name="undo" />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label="Redo"
        title="Redo (Ctrl Shift Z)"
        disabled={!canRedo}
        onClick={() => actions.redo()}
      >
        <Icon name="redo" />
      </button>
    </>
  );
}

/** Any file that Vane writes or reads: a document, directions, pairs, questions. */
export function ImportButton({ className }: { className: string }) {
  const actions = useActions();
  return (
    <FileButton
      className={className}
      onFiles={([file]) => {
        if (file) void actions.importFile(file);
      }}
    >
      Import
    </FileButton>
  );
}

/** Dark or light; what the system would choose anyway is kept as "system". */
export function ThemeButton() {
  const actions = useActions();
  const theme = useResolvedTheme();
  const system = useMedia('(prefers-color-scheme: light)') ? 'light' : 'dark';
  const next = theme === 'dark' ? 'light' : 'dark';
  const label = `Switch to the ${next} theme`;
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      onClick={() => actions.setSession({ theme: next === system ? 'system' : next })}
    >
      <Icon name="theme" />
    </button>
  );
}
