import type { VaneDocument } from './schema';

const HUB_HOST = 'huggingface.co';

/** One address that running a document would reach. */
export interface NamedHost {
  /** Host with its port, as the person knows it. */
  host: string;
  url: string;
  /** What is fetched from it or sent to it. */
  what: string;
  /** True where questions and answers go to it; else only files come from it. */
  receivesAnswers: boolean;
}

/** The host that one source or address names, if any. */
export function hostOf(source: string, what: string, receivesAnswers = false): NamedHost[] {
  if (source.startsWith('hf:')) {
    const repository = /^hf:([^/@]+\/[^/@]+)/.exec(source)?.[1] ?? '';
    return [{ host: HUB_HOST, url: `https://${HUB_HOST}/${repository}`, what, receivesAnswers }];
  }
  if (!URL.canParse(source)) return [];
  const url = new URL(source);
  return url.protocol === 'http:' || url.protocol === 'https:' ? [{ host: url.host, url: url.href, what, receivesAnswers }] : [];
}

/**
 * Every host that a document's content names, so that the screen can ask before anything is fetched or sent.
 * `pageHost` (location.host) is left out; `organism` and `file:` sources name none.
 */
export function hostsOf(document: VaneDocument, pageHost = ''): NamedHost[] {
  const { model, judge } = document;
  const named = [
    ...hostOf(model.source, 'the model is fetched from it'),
    ...model.adapters.flatMap((adapter) => hostOf(adapter.source, `the adapter "${adapter.name}" is fetched from it`)),
  ];
  return [...named.filter((item) => item.host !== pageHost), ...hostsOfJudge(judge, pageHost)];
}

/** The same for a judge alone. */
export function hostsOfJudge(judge: VaneDocument['judge'], pageHost = ''): NamedHost[] {
  const named = [
    ...(judge.kind === 'chat' ? hostOf(judge.source, 'the judge model is fetched from it') : []),
    ...(judge.kind === 'api' ? hostOf(judge.baseUrl, 'questions and answers are sent to it for scoring', true) : []),
  ];
  return named.filter((item) => item.host !== pageHost);
}
