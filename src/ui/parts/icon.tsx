const PATHS = {
  undo: 'M6 3 3 6l3 3M3 6h6.5a3.5 3.5 0 0 1 0 7H7',
  redo: 'm10 3 3 3-3 3M13 6H6.5a3.5 3.5 0 0 0 0 7H9',
  plus: 'M8 3v10M3 8h10',
  close: 'm4 4 8 8M12 4l-8 8',
  down: 'm4 6 4 4 4-4',
  left: 'm10 4-4 4 4 4',
  right: 'm6 4 4 4-4 4',
  share: 'M8 10V2M5 4.5 8 2l3 2.5M4 7H3v7h10V7h-1',
  edit: 'm3 13 .7-3L10.5 3.2l2.3 2.3L6 12.3zM9 4.7 11.3 7',
  check: 'm3 8.5 3.2 3.2L13 5',
  menu: 'M3 4.5h10M3 8h10M3 11.5h10',
  file: 'M4 2h5l3 3v9H4zM9 2v3h3',
  folder: 'M2 4h4.5L8 5.5h6V13H2z',
  flip: 'M4 6h8M9.5 3.5 12 6l-2.5 2.5M12 10.5H4M6.5 8 4 10.5 6.5 13',
  projector: 'M2 2.5h12M3 2.5v7h10v-7M8 9.5v2M5 14l3-2.5 3 2.5',
  trash: 'M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 9h5.8l.6-9',
} as const;

export type IconName = keyof typeof PATHS | 'theme' | 'help';

/** A 16 px line drawing; decoration only, its button carries the name. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      {name === 'theme' ? (
        <>
          <circle cx="8" cy="8" r="5.5" />
          <path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" />
        </>
      ) : name === 'help' ? (
        <>
          <rect x="1.5" y="3.5" width="13" height="9" rx="1.5" />
          <path d="M4 6.5h0M6.7 6.5h0M9.3 6.5h0M12 6.5h0M5 9.7h6" />
        </>
      ) : (
        <path d={PATHS[name]} />
      )}
    </svg>
  );
}

/** The mark: a weather vane that points right. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 22 22" aria-hidden="true">
      <g fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round">
        <path d="M11 8v12M8 20h6M5.5 8H16" />
        <path d="M2 4.8 5.5 8 2 11.2" />
      </g>
      <path d="M15 4.2 21 8l-6 3.8z" fill="currentColor" />
    </svg>
  );
}
