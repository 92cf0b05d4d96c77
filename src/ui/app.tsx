import './styles/index.css';
import { useEffect, useRef } from 'react';
import { Announcer } from './announcer';
import { AnswerZone } from './answers/answer-zone';
import { Banners } from './banners/banners';
import { DropZone } from './drop-zone';
import { KeysDialog } from './keys-dialog';
import { KioskScreen } from './kiosk/kiosk-screen';
import { useGestures } from './parts/gesture';
import { PHONE_QUERY, useMedia } from './parts/use-media';
import { PhoneScreen } from './phone/phone-screen';
import { Recipe } from './recipe/recipe';
import { ValidityDialog } from './recipe/validity-dialog';
import { useApp } from './store-context';
import { TopBar } from './top-bar/top-bar';
import { useKeyboard } from './use-keyboard';
import { useTheme } from './use-theme';

/** The whole screen: top bar, recipe, answers with their scores, instruments. */
export function App() {
  const phone = useMedia(PHONE_QUERY);
  const dialog = useApp((state) => state.session.dialog);
  const kiosk = useApp((state) => state.session.kiosk);
  const main = useRef<HTMLElement>(null);
  const wasKiosk = useRef(false);
  useEffect(() => {
    // Back where one came from: the view that had the focus is gone.
    if (wasKiosk.current && !kiosk) document.getElementById('kiosk-button')?.focus();
    wasKiosk.current = kiosk;
  }, [kiosk]);
  useTheme();
  useKeyboard();
  useGestures();
  return (
    <>
      <button type="button" className="skip-link" onClick={() => main.current?.focus()}>
        Skip to the answers
      </button>
      {phone ? (
        <PhoneScreen mainRef={main} />
      ) : kiosk ? (
        <KioskScreen mainRef={main} />
      ) : (
        <div className="app">
          <TopBar />
          <Banners />
          <Recipe />
          <AnswerZone mainRef={main} />
        </div>
      )}
      {dialog === 'keys' && <KeysDialog />}
      {dialog === 'validity' && <ValidityDialog />}
      <DropZone />
      <Announcer />
    </>
  );
}
