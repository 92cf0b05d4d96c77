/** Loads under way, each with what it puts in the document first. */
let underWay = 0;
const waiting: Array<() => void> = [];

/** Runs work that brings a model, so that what a person asks for meanwhile can wait for it. */
export async function asLoad<T>(work: () => Promise<T>): Promise<T> {
  underWay += 1;
  try {
    return await work();
  } finally {
    underWay -= 1;
    if (underWay === 0) for (const goOn of waiting.splice(0)) goOn();
  }
}

/** Resolves when no load is under way. @returns true when there was one to wait for. */
export async function loadsEnded(): Promise<boolean> {
  const waits = underWay > 0;
  while (underWay > 0) await new Promise<void>((resolve) => waiting.push(resolve));
  return waits;
}

/** Counts how often another model or document was asked for: what was on its way before is not for it. */
let era = 0;

export function presentEra(): number {
  return era;
}

export function beginEra(): void {
  era += 1;
}
