import { useId } from 'react';
import type { DirectionSettings } from '../../document/schema';
import { Field } from '../parts/field';
import { Segmented } from '../parts/segmented';
import { Term } from '../parts/term';
import { useActions, useApp } from '../store-context';
import { blockNumbers } from './block-picker';
import { DirectionList } from './direction-list';
import { LeftOutList } from './left-out-list';
import { PositionsField } from './positions-field';

const SITES = ['pre', 'mid', 'post'] as const;
type Site = (typeof SITES)[number];

/** `blocks.6.hook_resid_post` taken apart; the embedding reads as block 0, pre. */
export function readHookPoint(name: string): { block: number; site: Site } {
  const match = /^blocks\.(\d+)\.hook_resid_(pre|mid|post)$/.exec(name);
  const site = SITES.find((candidate) => candidate === match?.[2]) ?? 'pre';
  return { block: Number(match?.[1] ?? 0), site };
}

/** Where the direction is read, over which tokens and how; and the directions that are kept. */
export function DirectionStep() {
  const settings = useApp((state) => state.document.directionSettings);
  const nLayers = useApp((state) => state.runtime.modelInfo?.nLayers ?? 0);
  const leftOut = useApp((state) => state.runtime.readLeftOut);
  const actions = useActions();
  const id = useId();
  const patch = (change: Partial<DirectionSettings>) =>
    actions.editDocument((document) => ({ ...document, directionSettings: { ...document.directionSettings, ...change } }));
  const { block, site } = readHookPoint(settings.hookPoint);
  const setHookPoint = (nextBlock: number, nextSite: Site) => patch({ hookPoint: `blocks.${nextBlock}.hook_resid_${nextSite}` });
  const blockCount = Math.max(nLayers, block + 1);
  const listed = Array.isArray(settings.tokens);
  return (
    <>
      <Field label={<Term of="hookPoint">hook point</Term>}>
        <div className="row">
          <select className="input" aria-label="Block" value={block} onChange={(event) => setHookPoint(Number(event.target.value), site)}>
            {blockNumbers(blockCount).map((index) => (
              <option key={index} value={index}>
                blocks.{index}
              </option>
            ))}
          </select>
          <select
            className="input"
            aria-label="Place in the block"
            value={site}
            onChange={(event) => setHookPoint(block, SITES.find((candidate) => candidate === event.target.value) ?? 'post')}
          >
            {SITES.map((name) => (
              <option key={name} value={name}>
                resid_{name}
              </option>
            ))}
          </select>
        </div>
      </Field>
      <Field label="tokens" htmlFor={`${id}tokens`}>
        <select
          id={`${id}tokens`}
          className="input"
          value={listed ? 'positions' : String(settings.tokens)}
          onChange={({ target }) => {
            const { value } = target;
            patch({ tokens: value === 'answer' || value === 'prompt' || value === 'lastPrompt' ? value : [0] });
          }}
        >
          <option value="answer">all of the answer</option>
          <option value="prompt">all of the prompt</option>
          <option value="lastPrompt">last of the prompt</option>
          <option value="positions">chosen positions</option>
        </select>
      </Field>
      {Array.isArray(settings.tokens) && <PositionsField positions={settings.tokens} onChange={(tokens) => patch({ tokens })} />}
      <Field label={<Term of="pooling">mean by</Term>}>
        <Segmented
          label="Mean by"
          value={settings.pool}
          options={[
            { value: 'token', label: 'token' },
            { value: 'response', label: 'answer' },
          ]}
          onChange={(pool) => patch({ pool })}
        />
      </Field>
      <Field label={<Term of="definition">difference</Term>}>
        <Segmented
          label="Definition"
          value={settings.definition}
          options={[
            { value: 'plain', label: 'plain' },
            { value: 'standardised', label: 'standardised' },
          ]}
          onChange={(definition) => patch({ definition })}
        />
      </Field>
      <div className="row wrap">
        <button type="button" className="button" onClick={() => void actions.computeDirection()}>
          Compute the direction
        </button>
        <button type="button" className="button quiet" onClick={() => void actions.keepDirection(settings.hookPoint)}>
          Keep this one too
        </button>
      </div>
      <div role="status">
        <LeftOutList leftOut={leftOut} of="of the last reading" />
      </div>
      <p className="note">It is read at every block at once; “Separation”, below the answers, shows where it tells the two piles apart.</p>
      <DirectionList />
    </>
  );
}
