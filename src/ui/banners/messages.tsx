import type { SessionState } from '../../store/state';
import { PHONE_QUERY, useMedia } from '../parts/use-media';
import { useApp } from '../store-context';
import { TaskLine } from '../top-bar/task-line';
import { Banners } from './banners';
import { ConsentBanner } from './consent-banner';
import { NoticeList } from './notice-list';

/** What can lie over one another: the page, the large view of an instrument, the recipe's sheet of a phone. */
export type Layer = 'page' | 'large' | 'sheet';

/** The layer that lies on top; what is under it is hidden or cannot be reached. */
export function topLayer({ dialog, enlarged }: Pick<SessionState, 'dialog' | 'enlarged'>, phone: boolean): Layer {
  if (phone && isSheetOpen(dialog)) return 'sheet';
  return enlarged ? 'large' : 'page';
}

/** The judge's figures are opened from the sheet and lead back to it. */
export function isSheetOpen(dialog: SessionState['dialog']): boolean {
  return dialog === 'recipe' || dialog === 'validity';
}

/**
 * Errors and news, and what a phone shows nowhere else: what must be decided, and the work that goes on over its page. They stand in the top
 * layer alone, where they are seen and announced.
 */
export function Messages({ layer }: { layer: Layer }) {
  const phone = useMedia(PHONE_QUERY);
  const isOnTop = useApp(({ session }) => topLayer(session, phone) === layer);
  const busy = useApp((state) => state.runtime.tasks.length > 0);
  if (!isOnTop) return null;
  if (!phone) return <NoticeList />;
  return (
    <div className={`messages of-${layer}`}>
      {layer === 'page' ? <Banners /> : <ConsentBanner />}
      <NoticeList />
      {busy && layer !== 'page' && <TaskLine />}
    </div>
  );
}
