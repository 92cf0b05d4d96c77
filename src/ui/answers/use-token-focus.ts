import { type FocusEvent, type KeyboardEvent, type MouseEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import { useActions, useAppStore } from '../store-context';
import { shownDirection } from '../use-shown-direction';
import { projectionText } from './answer-cell';
import { answerKey } from './answer-key';
import { rowText, tokenProfile } from './token-card';
import { type TokenPlace, type WalkCell, walkTokens } from './token-walk';

const HOVER_MS = 220;
const MAP_MS = 180;

export interface TokenFocus {
  /** The token a card stands beside: hovered, or focused by key. */
  shown: { place: TokenPlace; anchor: DOMRect } | null;
  /** Row of the layer profile chosen with the arrows. */
  row: number | null;
  /** What a screen reader should hear of the arrows' moves through the layers. */
  spoken: string;
  /** Pins a token and gives it the focus once it is on screen. */
  pin: (place: TokenPlace, container: HTMLElement) => void;
  handlers: {
    onPointerOver: (event: PointerEvent<HTMLElement>) => void;
    onPointerLeave: () => void;
    onClick: (event: MouseEvent<HTMLElement>) => void;
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
    onFocus: (event: FocusEvent<HTMLElement>) => void;
    onBlur: () => void;
  };
}

/** The token an element belongs to, by the data attributes of its cell. */
export function placeOf(element: Element | null): TokenPlace | null {
  const token = element?.closest<HTMLElement>('[data-index]');
  const cell = token?.closest<HTMLElement>('[data-condition]');
  const { condition, question, sample } = cell?.dataset ?? {};
  if (!token || condition === undefined || question === undefined || sample === undefined) return null;
  return { conditionId: condition, questionId: question, sample: Number(sample), index: Number(token.dataset.index) };
}

/** Hover, focus and walking over the words: pins the token, asks for its answer's map and says where it stands. */
export function useTokenFocus(cells: () => WalkCell[]): TokenFocus {
  const store = useAppStore();
  const actions = useActions();
  const [shown, setShown] = useState<TokenFocus['shown']>(null);
  const [row, setRow] = useState<number | null>(null);
  const [spoken, setSpoken] = useState('');
  const hoverTimer = useRef(0);
  const mapTimer = useRef(0);
  useEffect(
    () => () => {
      clearTimeout(hoverTimer.current);
      clearTimeout(mapTimer.current);
    },
    [],
  );

  // A word that is replaced while it has the focus never blurs, so the card also goes when anything else is focused or pressed; it follows its word when the page scrolls.
  useEffect(() => {
    if (!shown) return;
    const hideOutside = ({ target }: Event) => {
      if (!(target instanceof Element) || !target.closest('.token')) setShown(null);
    };
    const follow = () => {
      const focused = document.activeElement;
      const place = placeOf(focused);
      setShown(focused && place ? { place, anchor: focused.getBoundingClientRect() } : null);
    };
    document.addEventListener('focusin', hideOutside);
    document.addEventListener('pointerdown', hideOutside);
    document.addEventListener('scroll', follow, { capture: true, passive: true });
    return () => {
      document.removeEventListener('focusin', hideOutside);
      document.removeEventListener('pointerdown', hideOutside);
      document.removeEventListener('scroll', follow, { capture: true });
    };
  }, [shown]);

  const askMap = (place: TokenPlace) => {
    clearTimeout(mapTimer.current);
    mapTimer.current = window.setTimeout(() => {
      const { map, modelStatus, answers } = store.getState().runtime;
      const done = answers[answerKey(place.conditionId, place.questionId, place.sample)]?.status !== 'streaming';
      if (tokenProfile(map, place) === null && modelStatus === 'ready' && done)
        void actions.showMap(place.conditionId, place.questionId, place.sample);
    }, MAP_MS);
  };
  const pin = (place: TokenPlace, container: HTMLElement, byTouch = false) => {
    actions.setSession({ pinnedToken: place });
    askMap(place);
    setRow(null);
    requestAnimationFrame(() => {
      const token = container.querySelector<HTMLElement>('.token[tabindex="0"]');
      token?.focus();
      // A finger cannot hover: its tap shows the card that a mouse gets by resting.
      if (token && byTouch) setShown({ place, anchor: token.getBoundingClientRect() });
    });
  };
  const moveRow = (by: number, place: TokenPlace) => {
    const profile = tokenProfile(store.getState().runtime.map, place);
    if (!profile) return;
    const next = Math.max(0, Math.min(profile.values.length - 1, (row ?? (by > 0 ? -1 : profile.values.length)) + by));
    setRow(next);
    setSpoken(`${profile.hookPoints[next]}: ${rowText(profile.values[next])}`);
  };

  return {
    shown,
    row,
    spoken,
    pin,
    handlers: {
      onPointerOver: (event) => {
        if (event.pointerType !== 'mouse') return;
        const target = event.target instanceof Element ? event.target : null;
        const place = placeOf(target);
        clearTimeout(hoverTimer.current);
        if (!place || !target) {
          hoverTimer.current = window.setTimeout(() => setShown(null), 60);
          return;
        }
        hoverTimer.current = window.setTimeout(
          () => {
            setRow(null);
            setShown({ place, anchor: target.getBoundingClientRect() });
            askMap(place);
          },
          shown ? 40 : HOVER_MS,
        );
      },
      onPointerLeave: () => {
        clearTimeout(hoverTimer.current);
        setShown(null);
        const { pinnedToken } = store.getState().session;
        if (pinnedToken) askMap(pinnedToken);
        else clearTimeout(mapTimer.current);
      },
      onClick: (event) => {
        const place = placeOf(event.target instanceof Element ? event.target : null);
        const { nativeEvent } = event;
        const byTouch =
          nativeEvent instanceof globalThis.PointerEvent && nativeEvent.pointerType !== 'mouse' && nativeEvent.pointerType !== '';
        if (place) pin(place, event.currentTarget, byTouch);
      },
      onKeyDown: (event) => {
        const place = placeOf(event.target instanceof Element ? event.target : null);
        if (!place) return;
        if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
          event.preventDefault();
          moveRow(event.key === 'ArrowUp' ? 1 : -1, place);
          return;
        }
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault();
          pin(place, event.currentTarget);
          return;
        }
        if (event.key === 'Escape' && store.getState().session.pinnedToken) {
          event.stopPropagation();
          event.nativeEvent.stopImmediatePropagation();
          actions.setSession({ pinnedToken: null });
          setShown(null);
          return;
        }
        const next = walkTokens(event.key, event.ctrlKey || event.metaKey, place, cells());
        if (!next) return;
        event.preventDefault();
        pin(next, event.currentTarget);
      },
      onFocus: (event) => {
        const target = event.target instanceof Element ? event.target : null;
        const place = placeOf(target);
        if (!place || !target?.matches(':focus-visible')) return;
        askMap(place);
        setShown({ place, anchor: target.getBoundingClientRect() });
        const answer = store.getState().runtime.answers[answerKey(place.conditionId, place.questionId, place.sample)];
        setSpoken(projectionText(answer?.projections[place.index], shownDirection(store.getState())?.recipe.sides));
      },
      onBlur: () => {
        setShown(null);
        setRow(null);
      },
    },
  };
}
