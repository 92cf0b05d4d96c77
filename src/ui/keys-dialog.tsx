import { Modal } from './parts/modal';
import { Switch } from './parts/switch';
import { useActions, useApp } from './store-context';

const KEYS: ReadonlyArray<{ keys: string[]; does: string }> = [
  { keys: ['←', '→'], does: 'on the slider: coefficient by 0.01' },
  { keys: ['Shift ←', 'Shift →'], does: 'on the slider: by 0.1' },
  { keys: ['Home', 'End', '0'], does: 'on the slider: its ends, zero' },
  { keys: ['B'], does: 'hold: bypass every intervention' },
  { keys: ['[', ']'], does: 'previous, next intervention' },
  { keys: ['Alt 1', 'Alt 5'], does: 'open a step of the recipe' },
  { keys: ['J', 'K'], does: 'next, previous question' },
  { keys: ['T'], does: 'walk the words: ← → word, ↑ ↓ block, Enter pins' },
  { keys: [',', '.'], does: 'on a word of an answer: previous, next answer to its question' },
  { keys: ['Delete'], does: 'on a word of an answer: remove its question' },
  { keys: ['Ctrl Enter'], does: 'run all' },
  { keys: ['Ctrl Z', 'Ctrl Shift Z'], does: 'undo, redo' },
  { keys: ['P'], does: 'the projector view: one question, large; P or Esc leaves it' },
  { keys: ['Esc'], does: 'cancel the latest work, close a dialog, leave the projector view' },
  { keys: ['?'], does: 'these keys' },
];

/** Every key, and the switch that turns single letters off. */
export function KeysDialog() {
  const actions = useActions();
  const enabled = useApp((state) => state.session.singleKeysEnabled);
  return (
    <Modal title="Keys" onClose={() => actions.setSession({ dialog: null })}>
      <table className="keys">
        <tbody>
          {KEYS.map(({ keys, does }) => (
            <tr key={does}>
              <th scope="row">
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </th>
              <td>{does}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="switch-line">
        <Switch label="Single-letter keys" checked={enabled} onChange={(on) => actions.setSession({ singleKeysEnabled: on })} />
        <span>Single-letter keys work outside text fields</span>
      </p>
    </Modal>
  );
}
