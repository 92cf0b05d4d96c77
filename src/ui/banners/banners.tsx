import { ConsentBanner } from './consent-banner';
import { RecordedBanner } from './recorded-banner';

/** What must be known or decided before anything else, across the whole width. */
export function Banners() {
  return (
    <div className="banners">
      <ConsentBanner />
      <RecordedBanner />
    </div>
  );
}
