import { type RefObject, useState } from 'react';
import { Messages } from '../banners/messages';
import { Instruments } from '../instruments/instruments';
import { AnswerTable } from './answer-table';
import { Composer } from './composer';
import { LegendLine } from './legend-line';
import type { VisibleRows } from './visible-rows';

/** The right-hand side: what is asked, what every condition answers, what that scores, and the instruments. */
export function AnswerZone({ mainRef }: { mainRef: RefObject<HTMLElement | null> }) {
  const [visible, setVisible] = useState<VisibleRows>({ first: 0, last: 0 });
  return (
    <main id="answers" className="main" tabIndex={-1} ref={mainRef} aria-label="Answers and instruments">
      <Composer />
      <LegendLine visible={visible} />
      <Messages layer="page" />
      <AnswerTable onVisible={setVisible} />
      <Instruments />
    </main>
  );
}
