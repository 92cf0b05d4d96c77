import { useId, useState } from 'react';
import type { WeightFormat } from '../../engine/api';
import type { RuntimeState } from '../../store/state';
import { byteText } from '../parts/byte-text';
import { Field } from '../parts/field';
import { FileButton } from '../parts/file-button';
import { Segmented } from '../parts/segmented';
import { useActions, useApp } from '../store-context';
import { BackendSwitch } from '../top-bar/backend-switch';
import { AdapterList } from './adapter-list';
import { LoadingLine } from './loading-line';
import { familyName } from './step-summaries';

/** Where the model comes from, what it is, its adapters, and where it runs. */
export function ModelStep() {
  const info = useApp((state) => state.runtime.modelInfo);
  const status = useApp((state) => state.runtime.modelStatus);
  const source = useApp((state) => state.document.model.source);
  return (
    <>
      {source === 'organism' && (
        <p className="note">
          A tiny Qwen3 that comes with the page, taught bad medical advice by a rank-1 adapter. Its two personas were built into its
          pre-training: it shows the mechanism and proves nothing about large models.
        </p>
      )}
      {status === 'loading' && <LoadingLine />}
      {info && (
        <dl className="facts">
          <div>
            <dt>model</dt>
            <dd>
              {info.name}
              <span className="dim"> {familyName(info.family)}</span>
            </dd>
          </div>
          <div>
            <dt>size</dt>
            <dd>
              {info.nLayers} blocks × {info.dModel}, {byteText(info.weightBytes)}
            </dd>
          </div>
          <div>
            <dt>sha256</dt>
            <dd className="mono" title={info.sha256}>
              {info.sha256.slice(0, 8)} … {info.sha256.slice(-4)}
            </dd>
          </div>
        </dl>
      )}
      <RunsOn />
      <AdapterList />
      <SourceChoice />
    </>
  );
}

const WEIGHTS: ReadonlyArray<{ value: WeightFormat; label: string; hint: string }> = [
  { value: 'f32', label: 'f32', hint: 'as stored, or widened: exact and large' },
  { value: 'q8', label: 'q8', hint: '8-bit blocks: about a quarter of f32' },
  { value: 'q4', label: 'q4', hint: '4-bit blocks: the smallest' },
];

function RunsOn() {
  const info = useApp((state) => state.runtime.modelInfo);
  const chosen = useApp((state) => state.document.model.weights);
  const source = useApp((state) => state.document.model.source);
  const threads = useApp(({ runtime }) => threadText(runtime));
  const actions = useActions();
  return (
    <>
      <Field label="runs on" hint={info && [info.choiceReason, threads].filter(Boolean).join('. ')}>
        <BackendSwitch />
      </Field>
      <Field label="weights">
        <Segmented<WeightFormat>
          label="Weight format"
          value={info?.weights ?? chosen ?? 'f32'}
          options={WEIGHTS}
          onChange={(weights) => void actions.loadModel({ source, weights })}
        />
      </Field>
    </>
  );
}

/** Why the processor works on one thread, when it does; null on several or on a GPU. */
export function threadText({ modelInfo, capabilities }: Pick<RuntimeState, 'modelInfo' | 'capabilities'>): string | null {
  if (!modelInfo || !capabilities || modelInfo.backend !== 'wasm' || modelInfo.threads > 1) return null;
  return capabilities.crossOriginIsolated
    ? 'One thread: the other core is left to this page'
    : 'One thread: this host does not send the two headers (COOP and COEP) that let a page share memory between threads';
}

function SourceChoice() {
  const isEmbedded = useApp(({ document, runtime }) => document.model.source === 'organism' && runtime.modelInfo !== null);
  const actions = useActions();
  const [address, setAddress] = useState('');
  const id = useId();
  return (
    <div className="source-choice">
      <h3 className="step-heading">Another model</h3>
      <div className="row wrap">
        <button type="button" className="button" disabled={isEmbedded} onClick={() => void actions.loadModel({ source: 'organism' })}>
          Embedded
        </button>
        <FileButton folder onFiles={(files) => void actions.loadModel({ source: files })}>
          Folder…
        </FileButton>
        <FileButton accept=".gguf" onFiles={(files) => void actions.loadModel({ source: files })}>
          GGUF…
        </FileButton>
      </div>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (address.trim()) void actions.loadModel({ source: address.trim() });
        }}
      >
        <input
          id={id}
          className="input"
          aria-label="Address of a model"
          placeholder="hf:owner/name or https://…"
          spellCheck={false}
          autoComplete="off"
          value={address}
          onChange={(event) => setAddress(event.target.value)}
        />
        <button type="submit" className="button" disabled={!address.trim()}>
          Load
        </button>
      </form>
      <p className="note">Or drop a folder or a .gguf anywhere. Files are read in this tab and sent nowhere.</p>
    </div>
  );
}
