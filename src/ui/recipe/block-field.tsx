import { useId } from 'react';
import type { InterventionRecord } from '../../document/schema';
import { Term } from '../parts/term';
import { TextField } from '../parts/text-field';
import { useActions } from '../store-context';
import { BlockPicker } from './block-picker';
import { blocksText, readBlocks, useBlocks } from './use-blocks';

const SITES: ReadonlyArray<InterventionRecord['hookSite']> = ['resid_pre', 'resid_mid', 'resid_post', 'embed'];

/** Hook points of an intervention: a range to type and the same range to pick. */
export function BlockField({ intervention }: { intervention: InterventionRecord }) {
  const { blocks, error, nLayers } = useBlocks(intervention);
  const actions = useActions();
  const id = useId();
  const embed = intervention.hookSite === 'embed';
  const patch = (change: Partial<InterventionRecord>) => actions.patchIntervention(intervention.id, change);
  return (
    <div className="block-field">
      <div className="field">
        <span className="field-label">
          <Term of="hookPoint">hook points</Term>
        </span>
        <div className="row hook-row">
          <TextField
            label="Blocks, as a range such as 4-8, 11"
            className="input mono"
            value={embed ? '' : intervention.blocks}
            placeholder={embed ? 'before block 0' : '4-8, 11'}
            invalid={error !== null && !embed}
            onCommit={(text) => {
              const read = readBlocks(text, nLayers);
              // A text that is no range is kept as typed where the document allows it, so that it can be mended.
              if (read.blocks) patch({ blocks: blocksText(read.blocks) });
              else if (/^[\d\s,*-]*$/.test(text)) patch({ blocks: text });
            }}
          />
          <select
            id={id}
            aria-label="Place in the block"
            className="input mono"
            value={intervention.hookSite}
            onChange={({ target }) => {
              const hookSite = SITES.find((site) => site === target.value);
              if (hookSite) patch({ hookSite });
            }}
          >
            {SITES.map((site) => (
              <option key={site} value={site}>
                {site}
              </option>
            ))}
          </select>
        </div>
      </div>
      {!embed && <BlockPicker nLayers={nLayers} chosen={blocks ?? []} onChange={(next) => patch({ blocks: blocksText(next) })} />}
      {error && !embed && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
