import type { Backend } from '../../engine/api';
import { Segmented } from '../parts/segmented';
import { useActions, useApp } from '../store-context';

/** Where the model runs: the graphics card or the processor, with its threads. */
export function BackendSwitch() {
  const capabilities = useApp((state) => state.runtime.capabilities);
  const info = useApp((state) => state.runtime.modelInfo);
  const chosen = useApp((state) => state.document.model.backend);
  const actions = useActions();
  const threads = capabilities?.threads ?? 1;
  const value: Backend = info?.backend ?? chosen ?? (capabilities?.webgpu ? 'webgpu' : 'wasm');
  return (
    <Segmented<Backend>
      label="Backend"
      value={value}
      options={[
        { value: 'webgpu', label: 'WebGPU', disabled: capabilities !== null && !capabilities.webgpu, hint: capabilities?.webgpuDetail },
        { value: 'wasm', label: threads > 1 ? `WASM ×${threads}` : 'WASM', hint: threads > 1 ? `${threads} threads` : 'one thread' },
      ]}
      onChange={(backend) => void actions.setBackend(backend)}
    />
  );
}
