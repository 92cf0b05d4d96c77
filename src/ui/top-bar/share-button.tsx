import { useState } from 'react';
import { recordableAnswers } from '../../store/recorded-result';
import type { AppState } from '../../store/state';
import { byteText } from '../parts/byte-text';
import { Icon } from '../parts/icon';
import { Modal } from '../parts/modal';
import { useActions, useApp, useAppStore } from '../store-context';

/** Makes the link that carries the whole experiment, and says how long it is before anyone presses. */
export function ShareButton({ compact = false }: { compact?: boolean }) {
  const bytes = useApp((state) => state.runtime.linkBytes);
  const fits = useApp((state) => state.runtime.linkFits);
  const store = useAppStore();
  const actions = useActions();
  const [shared, setShared] = useState<Shared | null>(null);
  const open = async () => {
    const made = await actions.share();
    // Where a link does not fit, the experiment was saved as a file instead and a notice says so.
    const state = store.getState();
    const { linkBytes, linkFits } = state.runtime;
    setShared(made && linkFits ? { link: made, bytes: linkBytes ?? made.length, contents: linkContents(state) } : null);
  };
  const size = bytes === null ? '' : byteText(bytes);
  return (
    <>
      {compact ? (
        <button type="button" className="icon-button" aria-label={`Share ${size}`.trim()} onClick={() => void open()}>
          <Icon name="share" />
        </button>
      ) : (
        <button type="button" className="button" onClick={() => void open()}>
          {fits ? 'Share' : 'Share as a file'} {size && <span className="share-size">{size}</span>}
        </button>
      )}
      {shared && <ShareDialog {...shared} onClose={() => setShared(null)} />}
    </>
  );
}

/** A link and what it held when it was made: the screen may go on. */
interface Shared {
  link: string;
  bytes: number;
  contents: string;
}

/** What of the answers on screen a link holds, in words: those of an earlier setting are left out of it. */
export function linkContents(state: AppState): string {
  const count = recordableAnswers(state).length;
  const stale = Object.values(state.runtime.answers).filter((answer) => answer.stale).length;
  const answers = count === 0 ? 'no answers' : count === 1 ? 'one answer with its scores' : `${count} answers with scores`;
  const out =
    stale === 0 ? '' : ` ${stale === 1 ? 'One answer' : `${stale} answers`} of an earlier setting ${stale === 1 ? 'is' : 'are'} left out.`;
  return `The link holds everything: model, directions, edits, questions, seeds and ${answers}.${out}`;
}

function ShareDialog({ link, bytes, contents, onClose }: Shared & { onClose: () => void }) {
  const actions = useActions();
  const [copied, setCopied] = useState<'no' | 'yes' | 'refused'>('no');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link);
      setCopied('yes');
    } catch {
      setCopied('refused');
    }
  };
  return (
    <Modal title="Share this experiment" onClose={onClose}>
      <p className="note">
        {contents} It stands behind the # of the address, which browsers send to nobody. Whoever opens it sees this result at once and can
        recompute it.
      </p>
      <div className="row share-row">
        <input className="input mono" readOnly aria-label="Link" value={link} onFocus={(event) => event.target.select()} />
        <button type="button" className="button main" onClick={() => void copy()}>
          Copy {byteText(bytes)}
        </button>
      </div>
      <p className="note" role="status">
        {copied === 'yes' && 'Copied.'}
        {copied === 'refused' && 'The browser did not allow copying: select the link and copy it with Ctrl C.'}
      </p>
      <div className="row">
        <button type="button" className="button" onClick={() => void actions.exportAs('document')}>
          Save as a file
        </button>
      </div>
    </Modal>
  );
}
