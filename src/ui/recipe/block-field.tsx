import { useId, useState } from 'react';
import type { InterventionRecord } from '../../document/schema';
import { gestureOf } from '../parts/gesture';
import { Term } from '../parts/term';
import { TextField } from '../parts/text-field';
import { useActions } from '../store-context';
import { BlockPicker } from './block-picker';
import { blocksText, readBlocks, useBlocks } from './use-blocks';

const SITES: ReadonlyArray<InterventionRecord['hookSite']> = ['resid_pre', 'resid_mid', 'resid_post', 'embed'];

/** Hook points of an intervention: a range to type and the same range to pick. */
export function BlockField({ intervention }: { intervention: InterventionRecord }) {
  const { blocks, error: setError, nLayers } = useBlocks(intervention);
  // A text that names no blocks of this model stays here to be mended: in the document it would end in an error of every run.
  const [typed, setTyped] = useState<{ text: string; over: string } | null>(null);
  const wrong = typed?.over === intervention.blocks ? typed.text : null;
  const typedError = wrong === null ? null : readBlocks(wrong, nLayers).error;
  const error = typedError && !setError ? `${typedError} Blocks ${intervention.blocks} stay set.` : setError;
  const actions = useActions();
  const id = useId();
  const embed = intervention.hookSite === 'embed';
  const patch = (change: Partial<InterventionRecord>, gesture?: string) => actions.patchIntervention(intervention.id, change, gesture);
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
            value={embed ? '' : (wrong ?? intervention.blocks)}
            placeholder={embed ? 'before block 0' : '4-8, 11'}
            invalid={error !== null && !embed}
            onCommit={(text) => {
              const read = readBlocks(text, nLayers);
              setTyped(read.blocks ? null : { text, over: intervention.blocks });
              if (read.blocks) patch({ blocks: blocksText(read.blocks) });
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
      {!embed && (
        <BlockPicker
          nLayers={nLayers}
          chosen={blocks ?? []}
          onChange={(next, isStroke) => {
            const text = blocksText(next);
            setTyped(text === '' ? { text, over: intervention.blocks } : null);
            if (text !== '') patch({ blocks: text }, isStroke ? gestureOf(`paint ${intervention.id}`) : undefined);
          }}
        />
      )}
      {error && !embed && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
