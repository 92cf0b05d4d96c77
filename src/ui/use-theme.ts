import { useEffect } from 'react';
import { useMedia } from './parts/use-media';
import { useApp } from './store-context';

const THEME_COLORS = { dark: '#171a1e', light: '#fdfdfb' } as const;

/** The theme on screen: the chosen one, or the system's. */
export function useResolvedTheme(): 'dark' | 'light' {
  const theme = useApp((state) => state.session.theme);
  const systemIsLight = useMedia('(prefers-color-scheme: light)');
  if (theme !== 'system') return theme;
  return systemIsLight ? 'light' : 'dark';
}

/** Puts the theme on the page's root and into the browser's own frame. */
export function useTheme(): void {
  const theme = useResolvedTheme();
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) meta.content = THEME_COLORS[theme];
  }, [theme]);
}
