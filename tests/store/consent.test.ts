import { beforeEach, expect, test, vi } from 'vitest';
import { emptyDocument } from '../../src/document/schema';
import { appStore } from '../../src/store/app-store';
import { allowTyped, answerConsent, consentToHosts } from '../../src/store/consent';

const open = () => appStore.getState().runtime.consent;
const named = (host: string) => ({
  ...emptyDocument(),
  model: { ...emptyDocument().model, source: `https://${host}/model.gguf` },
  judge: { kind: 'api' as const, baseUrl: `https://${host}/v1`, model: 'judge' },
});

beforeEach(() => vi.stubGlobal('location', { host: 'page.example' }));

test('agreeing to fetch files from a host is no consent to send it questions and answers', async () => {
  const asked = consentToHosts(named('one.example'));
  expect(open()).toMatchObject({ host: 'one.example', receivesAnswers: false });
  answerConsent(true);
  await Promise.resolve();
  expect(open()).toMatchObject({ host: 'one.example', receivesAnswers: true });
  answerConsent(false);
  expect(await asked).toBe(false);
  expect(open()).toBeNull();
});

test('an address that was typed is agreed to for its own use only', async () => {
  allowTyped('https://two.example/other.gguf');
  const asked = consentToHosts(named('two.example'));
  expect(open()).toMatchObject({ receivesAnswers: true });
  answerConsent(true);
  expect(await asked).toBe(true);
  expect(await consentToHosts(named('two.example')), 'both uses are agreed to now').toBe(true);
});

test('a cancelled task takes its question with it, and a newer question declines the one before', async () => {
  const abort = new AbortController();
  const cancelled = consentToHosts(named('three.example'), abort.signal);
  abort.abort();
  await expect(cancelled).rejects.toThrow(/abort/i);
  expect(open()).toBeNull();

  const first = consentToHosts(named('four.example'));
  const second = consentToHosts(named('five.example'));
  expect(await first).toBe(false);
  expect(open()).toMatchObject({ host: 'five.example' });
  answerConsent(false);
  expect(await second).toBe(false);
});
