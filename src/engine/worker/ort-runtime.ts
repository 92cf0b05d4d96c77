import type { InferenceSession } from 'onnxruntime-web';
import asyncifyMjsUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import asyncifyWasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import jspiMjsUrl from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs?url';
import jspiWasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url';
import wasmMjsUrl from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { BackendError } from '../../core/errors';
import { GraphBuilder } from '../../graph/graph-builder';
import type { Backend } from '../api';
import { Mutex } from './mutex';

type Ort = typeof import('onnxruntime-web/wasm');

/** One ready build of the runtime; the only way to its tensors and sessions. */
export interface OrtRuntime {
  backend: Backend;
  ort: Ort;
  threads: number;
  /** Overlapping runs break the asyncify build, so every run and every session's creation waits its turn here. */
  mutex: Mutex;
  /** Null on WASM. */
  device: GPUDevice | null;
}

const opened = new Map<Backend, Promise<OrtRuntime>>();

let deviceLostListener: ((error: BackendError) => void) | null = null;

/** Called when a GPU device is lost: nothing on it can be used again. */
export function onDeviceLost(listener: (error: BackendError) => void): void {
  deviceLostListener = listener;
}

/** The runtime destroys the device with the last session on it, so one session of a single addition lives as long as the worker. */
async function holdDevice(ort: Ort, device: GPUDevice): Promise<void> {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', [1]);
  builder.node('Add', [x, x], {}, { name: 'y' });
  builder.output('y', 'float32', [1]);
  await ort.InferenceSession.create(builder.serialise(), { executionProviders: [{ name: 'webgpu', device }] });
}

/** Frees a session's memory. */
export function releaseSession(runtime: OrtRuntime, session: InferenceSession): Promise<void> {
  return runtime.mutex.run(() => session.release());
}

/** A GPU device with all that the adapter allows. */
async function openDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new BackendError('GPU adapter: expected one, got none.', 'Use the WASM backend.');
  const requiredLimits: Record<string, number> = {};
  for (const name in adapter.limits) {
    const limit: unknown = Reflect.get(adapter.limits, name);
    if (typeof limit === 'number') requiredLimits[name] = limit;
  }
  const wanted = new Set(['shader-f16', 'subgroups']);
  const requiredFeatures = [...adapter.features].filter((feature) => wanted.has(feature)) as GPUFeatureName[];
  const device = await adapter.requestDevice({ requiredLimits, requiredFeatures });
  void device.lost.then(({ reason, message }) => {
    deviceLostListener?.(
      new BackendError(`GPU device: expected it to stay, got "${reason}: ${message.slice(0, 200)}".`, 'Load the model again.'),
    );
  });
  return device;
}

/** Whether WebAssembly can suspend on promises by itself, which makes GPU decoding faster. */
export function hasJspi(): boolean {
  return 'Suspending' in WebAssembly && 'promising' in WebAssembly;
}

/**
 * Threads that a WASM session gets: shared memory needs cross-origin isolation, and one core is left to the page. With every core taken,
 * each parallel section waits for the thread that the browser set aside (two to three times slower on a busy two-core machine).
 */
export function threadCount(): number {
  return self.crossOriginIsolated ? Math.max(1, Math.min(8, (navigator.hardwareConcurrency ?? 2) - 1)) : 1;
}

/** Loads the build for a backend once. @throws BackendError when it cannot be loaded. */
export function openRuntime(backend: Backend): Promise<OrtRuntime> {
  const known = opened.get(backend);
  if (known) return known;
  const opening = loadRuntime(backend).catch((error: unknown) => {
    opened.delete(backend);
    throw new BackendError(`${backend} runtime: expected it to load, got ${String(error)}.`, 'Check the connection and load again.');
  });
  opened.set(backend, opening);
  return opening;
}

async function loadRuntime(backend: Backend): Promise<OrtRuntime> {
  const { ort, wasm, mjs } = await importBuild(backend);
  const absolute = (url: string) => new URL(url, self.location.href).href;
  ort.env.wasm.wasmPaths = { wasm: absolute(wasm), mjs: absolute(mjs) };
  ort.env.wasm.numThreads = threadCount();
  ort.env.logLevel = 'error';
  const device = backend === 'webgpu' ? await openDevice() : null;
  if (device) await holdDevice(ort, device);
  return { backend, ort, threads: threadCount(), mutex: new Mutex(), device };
}

async function importBuild(backend: Backend): Promise<{ ort: Ort; wasm: string; mjs: string }> {
  if (backend === 'wasm') return { ort: await import('onnxruntime-web/wasm'), wasm: wasmUrl, mjs: wasmMjsUrl };
  if (hasJspi()) return { ort: await import('onnxruntime-web/jspi'), wasm: jspiWasmUrl, mjs: jspiMjsUrl };
  return { ort: await import('onnxruntime-web/webgpu'), wasm: asyncifyWasmUrl, mjs: asyncifyMjsUrl };
}
