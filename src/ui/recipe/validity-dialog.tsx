import { Modal } from '../parts/modal';
import { PHONE_QUERY, useMedia } from '../parts/use-media';
import { useActions, useApp } from '../store-context';
import { AgreementTable } from './judge-step';

/** How far the chosen judge can be trusted, in full. */
export function ValidityDialog() {
  const { name, description } = useApp((state) => state.runtime.judge);
  const actions = useActions();
  const phone = useMedia(PHONE_QUERY);
  // On a phone it lies on the recipe's sheet.
  const close = () => actions.setSession({ dialog: phone ? 'recipe' : null });
  return (
    <Modal title={`How far to trust ${name || 'this judge'}`} onClose={close}>
      {description && <p className="note">{description}</p>}
      <p className="note">
        Measured on labelled answers that the judge was not fitted on. Figures named “leave one domain out” fit on all domains but one and
        are read on that one: they say what to expect on a topic the labels do not cover.
      </p>
      <div className="table-scroll">
        <AgreementTable />
      </div>
    </Modal>
  );
}
