import { useSyncExternalStore } from 'react';

/** Whether a media query holds now; false where there is no window. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (onChange) => {
      const list = matchMedia(query);
      list.addEventListener('change', onChange);
      return () => list.removeEventListener('change', onChange);
    },
    () => matchMedia(query).matches,
    () => false,
  );
}

/** One column, condition tabs and the slider at the bottom. */
export const PHONE_QUERY = '(max-width: 699px)';
