import { type CSSProperties, type RefObject, useEffect, useState } from 'react';

/**
 * Place of a view that covers everything beside and above the instruments within their parent: answers and instruments, not the recipe.
 * While it is up, what lies under it takes no focus.
 */
export function useCover(section: RefObject<HTMLElement | null>): CSSProperties {
  const [style, setStyle] = useState<CSSProperties>({ visibility: 'hidden' });
  useEffect(() => {
    const zone = section.current?.parentElement;
    const own = section.current;
    if (!zone || !own) return;
    const covered = [...zone.children, ...own.children].filter(
      (element): element is HTMLElement => element instanceof HTMLElement && element !== own && !element.classList.contains('enlarged'),
    );
    const before = covered.map((element) => element.inert);
    for (const element of covered) element.inert = true;
    const measure = () => {
      const box = zone.getBoundingClientRect();
      const top = Math.max(0, box.top);
      const left = Math.max(0, box.left);
      setStyle({ top, left, width: Math.min(innerWidth, box.right) - left, height: Math.min(innerHeight, box.bottom) - top });
    };
    const observer = new ResizeObserver(measure);
    observer.observe(zone);
    window.addEventListener('resize', measure);
    measure();
    return () => {
      observer.disconnect();
      window.removeEventListener('resize', measure);
      covered.forEach((element, at) => {
        element.inert = before[at] ?? false;
      });
    };
  }, [section]);
  return style;
}
