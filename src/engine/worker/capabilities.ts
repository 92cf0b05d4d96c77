import type { EngineCapabilities } from '../api';
import { hasJspi, threadCount } from './ort-runtime';

/** What this browser has, with what only the worker needs to know. */
export interface WorkerCapabilities extends EngineCapabilities {
  /** The adapter computes on the CPU. */
  isSoftware: boolean;
  maxBufferBytes: number;
}

/** Asks the browser for an adapter; never throws. */
export async function readCapabilities(): Promise<WorkerCapabilities> {
  const common = { jspi: hasJspi(), threads: threadCount(), crossOriginIsolated: self.crossOriginIsolated };
  const none = (webgpuDetail: string): WorkerCapabilities => ({
    ...common,
    webgpu: false,
    webgpuDetail,
    isSoftware: false,
    maxBufferBytes: 0,
  });
  if (!('gpu' in navigator) || !navigator.gpu) return none('this browser has no WebGPU');
  try {
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) return none('no adapter was offered');
    const { vendor, architecture, description } = adapter.info;
    const detail = [vendor, architecture, description].filter(Boolean).join(' ') || 'unnamed adapter';
    const isSoftware = adapter.info.isFallbackAdapter === true || /swiftshader|llvmpipe|software/i.test(detail);
    const maxBufferBytes = Math.min(adapter.limits.maxBufferSize, adapter.limits.maxStorageBufferBindingSize);
    return { ...common, webgpu: true, webgpuDetail: detail, isSoftware, maxBufferBytes };
  } catch (error) {
    return none(String(error));
  }
}
