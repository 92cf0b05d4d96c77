import { Modal } from '../parts/modal';
import { PHONE_QUERY, useMedia } from '../parts/use-media';
import { useActions, useApp } from '../store-context';
import { AgreementTable } from './judge-step';
import { measuredText } from './measured-text';

/** How far the chosen judge can be trusted, in full. */
export function ValidityDialog() {
  const { name, description, measured } = useApp((state) => state.runtime.judge);
  const actions = useActions();
  const phone = useMedia(PHONE_QUERY);
  // On a phone it lies on the recipe's sheet.
  const close = () => actions.setSession({ dialog: phone ? 'recipe' : null });
  return (
    <Modal title={`How far to trust ${name || 'this judge'}`} onClose={close}>
      {description && <p className="note">{description}</p>}
      {measured && <p className="note">{measuredText(measured)}</p>}
      <div className="table-scroll">
        <AgreementTable />
      </div>
    </Modal>
  );
}
