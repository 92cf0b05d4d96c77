import { type RefObject, useEffect, useRef, useState } from 'react';

export interface Box {
  width: number;
  height: number;
}

/** Size of an element in whole px, kept up to date; null until it is laid out. */
export function useBox<T extends HTMLElement>(): [RefObject<T | null>, Box | null] {
  const ref = useRef<T>(null);
  const [box, setBox] = useState<Box | null>(null);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => {
      const { width, height } = element.getBoundingClientRect();
      const next = { width: Math.floor(width), height: Math.floor(height) };
      setBox((held) => (held?.width === next.width && held.height === next.height ? held : next));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  return [ref, box];
}
