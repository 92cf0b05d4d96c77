import type { Worker } from '@playwright/test';

/** Keeps a handle on the GPU device that the engine's worker will ask for; runs inside that worker. */
export function keepDevice(): void {
  const scope = self as unknown as { keptDevice?: GPUDevice };
  const original = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (this: GPUAdapter, ...rest: Parameters<GPUAdapter['requestDevice']>) {
    scope.keptDevice = await original.apply(this, rest);
    return scope.keptDevice;
  };
}

/** Destroys the kept device a moment later, so that the call returns first; whether this worker had one. */
export async function loseDevice(worker: Worker): Promise<boolean> {
  const destroyed = worker.evaluate(() => {
    const { keptDevice } = self as unknown as { keptDevice?: GPUDevice };
    setTimeout(() => keptDevice?.destroy(), 20);
    return keptDevice !== undefined;
  });
  return destroyed.catch(() => false);
}
