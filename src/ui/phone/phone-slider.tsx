import { Coefficient } from '../recipe/coefficient';
import { openIntervention } from '../recipe/intervention-step';
import { useApp } from '../store-context';

/** The slider of the open steering intervention, always within reach of a thumb. */
export function PhoneSlider() {
  const intervention = useApp(({ document, session }) =>
    openIntervention(
      document.interventions.filter(({ operation }) => operation === 'steer'),
      session.activeInterventionId,
    ),
  );
  if (!intervention) return null;
  return (
    <section className="phone-slider" aria-label={`Slider of ${intervention.name}`}>
      <Coefficient intervention={intervention} trackHeight={84} compact />
    </section>
  );
}
