import { MismatchError } from '../core/errors';
import type { JudgeRecord } from '../document/schema';
import { createApiJudge } from '../judges/api';
import { CachedJudge, ScoreCache } from '../judges/cache';
import { EmbeddedJudge } from '../judges/embedded';
import type { Judge } from '../judges/judge';
import { LocalJudge } from '../judges/local';
import { ProgrammaticJudge } from '../judges/programmatic';
import { fitReadoutJudge } from '../judges/readout';
import { WorldJudge } from '../judges/world';
import { appStore } from './app-store';
import { theEngine } from './engine-handle';
import { labelsFor } from './judge-labels';
import { type BorrowedModel, borrowModel } from './judge-model';
import { keptReads } from './kept-reads';
import { requireModel } from './require-model';
import { sourceFor } from './source-files';
import { embeddedWorld } from './world-file';

export interface MakingOptions {
  /** Stays in the judge's closure. */
  apiKey?: string;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/** A judge, and the model that it asks where that is none of the document's: release it with the judge. */
export interface MadeJudge {
  judge: Judge;
  borrowed: BorrowedModel | null;
}

const cache = new ScoreCache();

/** The judge that a document's record names. @throws JudgeError, MismatchError, SourceError; DOMException AbortError. */
export async function makeJudge(record: JudgeRecord, options: MakingOptions = {}): Promise<MadeJudge> {
  const borrowed = record.kind === 'chat' && !asksLoadedModel(record) ? await borrowModel(judgeSource(record), options.signal) : null;
  try {
    return { judge: new CachedJudge(await freshJudge(record, borrowed, options), cache), borrowed };
  } catch (error) {
    borrowed?.release();
    throw error;
  }
}

/**
 * Checks what can be known of a record before it is used.
 * @throws JudgeError for a rule that has nothing to look for, or an address that no API has.
 */
export function checkUsable(record: JudgeRecord): void {
  if (record.kind === 'programmatic') new ProgrammaticJudge(record.rule);
  if (record.kind === 'api') createApiJudge({ baseUrl: record.baseUrl, model: record.model });
}

/** Where a chat judge's model comes from. @throws SourceError when its files are not in this tab. */
export function judgeSource({ source }: Extract<JudgeRecord, { kind: 'chat' }>): ReturnType<typeof sourceFor> {
  return sourceFor(source, "Choose the judge's file in step 5.");
}

/** True for a judge that is the loaded model, read or asked. */
export function asksLoadedModel(record: JudgeRecord): boolean {
  if (record.kind === 'chat') return record.source === appStore.getState().document.model.source;
  return record.kind === 'readout' || record.kind === 'embedded';
}

async function freshJudge(
  record: JudgeRecord,
  borrowed: BorrowedModel | null,
  { apiKey, signal, onProgress }: MakingOptions,
): Promise<Judge> {
  const engine = theEngine();
  switch (record.kind) {
    case 'grammar':
      return new WorldJudge((await embeddedWorld()).world);
    case 'embedded':
      return embeddedJudge();
    case 'programmatic':
      return new ProgrammaticJudge(record.rule);
    case 'api':
      return createApiJudge({ baseUrl: record.baseUrl, model: record.model, apiKey });
    case 'chat': {
      const rubrics = record.rubric ? { custom: record.rubric } : undefined;
      return new LocalJudge({ engine, model: borrowed?.model ?? requireModel('judge'), rubrics });
    }
    case 'readout': {
      const { labels, name } = await labelsFor(record.labels, record.labelsSha256);
      return fitReadoutJudge({
        engine,
        model: requireModel('judge'),
        labels,
        labelsName: name,
        hookPoint: record.hookPoint,
        kept: keptReads,
        signal,
        onProgress: ({ done, total }) => onProgress?.(done, total),
      });
    }
  }
}

async function embeddedJudge(): Promise<Judge> {
  const { source } = appStore.getState().document.model;
  if (source !== 'organism')
    throw new MismatchError(
      `embedded judge: expected the embedded organism, got ${source || 'no model'}.`,
      'Load the organism in step 1, or choose another judge.',
    );
  const { embeddedReadout } = await import('./embedded-readout');
  const { readout, sha256 } = await embeddedReadout();
  return new EmbeddedJudge(theEngine(), requireModel('judge'), readout, sha256);
}
