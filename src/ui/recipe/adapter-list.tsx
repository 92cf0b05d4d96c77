import { useState } from 'react';
import type { ConditionRecord } from '../../document/schema';
import { ConditionKey, conditionLetter } from '../parts/condition-key';
import { FileButton } from '../parts/file-button';
import { gestureOf } from '../parts/gesture';
import { Icon } from '../parts/icon';
import { NumberField } from '../parts/number-field';
import { useActions, useApp } from '../store-context';

const SCALE_MAX = 2;
const SCALE_STEP = 0.05;

/** The adapters at hand, and how strongly each works in each condition. */
export function AdapterList() {
  const adapters = useApp((state) => state.document.model.adapters);
  const infos = useApp((state) => state.runtime.modelInfo?.adapters);
  const conditions = useApp((state) => state.document.conditions);
  const actions = useActions();
  return (
    <div className="adapter-list">
      <h3 className="step-heading">Adapters</h3>
      {adapters.length === 0 && <p className="note">None. An adapter (PEFT LoRA) is the difference between a model and its fine-tune.</p>}
      {adapters.map(({ name, source }) => {
        const info = infos?.find((candidate) => candidate.name === name);
        const used = conditions.flatMap((condition, index) =>
          condition.adapterScales[name] ? [`${conditionLetter(index)} ×${condition.adapterScales[name]}`] : [],
        );
        return (
          <details key={name} className="adapter">
            <summary>
              <span className="grow">
                {name}
                {info && <span className="dim"> rank {info.rank}</span>}
              </span>
              <span className="dim">{used.join(' ') || 'unused'}</span>
            </summary>
            <p className="note mono break">{info ? shortModules(info.modules) : source}</p>
            {conditions.map((condition, index) => (
              <AdapterScale key={condition.id} condition={condition} index={index} adapter={name} />
            ))}
            <button type="button" className="link-button" onClick={() => actions.removeAdapter(name)}>
              Remove {name}
            </button>
          </details>
        );
      })}
      <AddAdapter />
    </div>
  );
}

function shortModules(modules: readonly string[]): string {
  const [first] = modules;
  return modules.length > 1 ? `${first} and ${modules.length - 1} more` : (first ?? '');
}

/** One adapter's scale in one condition: 0 is off, 1 as trained. */
export function AdapterScale({
  condition,
  index,
  adapter,
  label,
}: {
  condition: ConditionRecord;
  index: number;
  adapter: string;
  label?: string;
}) {
  const actions = useActions();
  const scale = condition.adapterScales[adapter] ?? 0;
  const set = (value: number, gesture?: string) => {
    const { [adapter]: _removed, ...others } = condition.adapterScales;
    actions.patchCondition(condition.id, { adapterScales: value === 0 ? others : { ...others, [adapter]: value } }, gesture);
  };
  const name = `Scale of ${adapter} in ${conditionLetter(index)}`;
  return (
    <div className="scale-row">
      {label ? <span className="scale-label">{label}</span> : <ConditionKey index={index} label={condition.name} />}
      <input
        type="range"
        className="range"
        aria-label={name}
        min={Math.min(0, scale)}
        max={Math.max(SCALE_MAX, scale)}
        step={SCALE_STEP}
        value={scale}
        onChange={(event) => set(Number(event.target.value), gestureOf(`scale ${condition.id} ${adapter}`))}
      />
      <NumberField
        label={`${name}, as a number`}
        value={scale}
        min={-1000}
        max={1000}
        format={(value) => value.toFixed(2).replace('-', '−')}
        onCommit={(value) => set(value)}
      />
    </div>
  );
}

function AddAdapter() {
  const actions = useActions();
  const [address, setAddress] = useState('');
  const nameOf = (path: string) =>
    path
      .replace(/[/\\]+$/, '')
      .split(/[/\\:]/)
      .at(-1) || 'adapter';
  const add = async (source: string) => {
    // What was not taken up stays, to be put right.
    if (await actions.addAdapter(nameOf(source), source)) setAddress((present) => (present.trim() === source ? '' : present));
  };
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault();
        const source = address.trim();
        if (source) void add(source);
      }}
    >
      <FileButton folder onFiles={(files) => void actions.addAdapter(nameOf(files[0]?.webkitRelativePath.split('/')[0] ?? ''), files)}>
        <Icon name="folder" />
        Add…
      </FileButton>
      <input
        className="input"
        aria-label="Address of an adapter"
        placeholder="hf:owner/adapter or https://…"
        spellCheck={false}
        autoComplete="off"
        value={address}
        onChange={(event) => setAddress(event.target.value)}
      />
      <button type="submit" className="button" disabled={!address.trim()}>
        Add
      </button>
    </form>
  );
}
