import asyncifyMjsUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import asyncifyWasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import jspiMjsUrl from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs?url';
import jspiWasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url';
import wasmMjsUrl from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { BackendError } from '../../core/errors';
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
  isWatched: boolean;
}

const opened = new Map<Backend, Promise<OrtRuntime>>();

let deviceLostListener: ((error: BackendError) => void) | null = null;

/** Called when a GPU device is lost: nothing on it can be used again. */
export function onDeviceLost(listener: (error: BackendError) => void): void {
  deviceLostListener = listener;
}

/** Watches the device that the runtime made with its first GPU session. */
export async function watchDevice(runtime: OrtRuntime): Promise<void> {
  if (runtime.backend !== 'webgpu' || runtime.isWatched) return;
  runtime.isWatched = true;
  const device = await runtime.ort.env.webgpu.device;
  void device.lost.then(({ reason, message }) => {
    deviceLostListener?.(new BackendError(`GPU device: expected it to stay, got "${reason}: ${message.slice(0, 200)}".`, 'Load the model again.'));
  });
}

/** Whether WebAssembly can suspend on promises by itself, which makes GPU decoding faster. */
export function hasJspi(): boolean {
  return 'Suspending' in WebAssembly && 'promising' in WebAssembly;
}

/** Threads that a WASM session gets: shared memory needs cross-origin isolation. */
export function threadCount(): number {
  return self.crossOriginIsolated ? Math.max(1, Math.min(8, navigator.hardwareConcurrency ?? 1)) : 1;
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
  return { backend, ort, threads: threadCount(), mutex: new Mutex(), isWatched: false };
}

async function importBuild(backend: Backend): Promise<{ ort: Ort; wasm: string; mjs: string }> {
  if (backend === 'wasm') return { ort: await import('onnxruntime-web/wasm'), wasm: wasmUrl, mjs: wasmMjsUrl };
  if (hasJspi()) return { ort: await import('onnxruntime-web/jspi'), wasm: jspiWasmUrl, mjs: jspiMjsUrl };
  return { ort: await import('onnxruntime-web/webgpu'), wasm: asyncifyWasmUrl, mjs: asyncifyMjsUrl };
}
