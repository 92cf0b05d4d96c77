import { Icon } from '../parts/icon';
import { useActions, useApp } from '../store-context';

const SHOWN = 3;

/** Errors and news where the answers are, each with its ways on; an error is announced and takes no focus. */
export function NoticeList() {
  const notices = useApp((state) => state.runtime.notices);
  const actions = useActions();
  const shown = notices.slice(-SHOWN);
  return (
    <div className="notices">
      {shown.map((notice) => (
        <div key={notice.id} className={`notice ${notice.tone}`} role={notice.tone === 'error' ? 'alert' : 'status'}>
          <p>{notice.text}</p>
          <div className="row">
            {notice.actions.map(({ label, run }, index) => (
              <button
                key={label}
                type="button"
                className={index === 0 && notice.tone === 'error' ? 'button main' : 'button'}
                onClick={() => {
                  actions.dismissNotice(notice.id);
                  run();
                }}
              >
                {label}
              </button>
            ))}
            <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => actions.dismissNotice(notice.id)}>
              <Icon name="close" />
            </button>
          </div>
        </div>
      ))}
      {notices.length > SHOWN && <p className="note">and {notices.length - SHOWN} earlier ones</p>}
    </div>
  );
}
