import { expect, it } from 'vitest';
import { hostsOf } from '../../src/document/hosts';
import { emptyDocument } from '../../src/document/schema';

it('hostsOf names nothing for what the page or the disk has', () => {
  const document = emptyDocument();
  expect(hostsOf(document)).toEqual([]);
  const model = { ...document.model, source: 'file:model.gguf', adapters: [{ name: 'a', source: 'organism:medicine', sha256: '' }] };
  expect(hostsOf({ ...document, model })).toEqual([]);
});

it('hostsOf names the hub, every address and the judge, each with its use, but not the page itself', () => {
  const document = emptyDocument();
  const adapters = [
    { name: 'near', source: 'https://vane.example/adapters/near/', sha256: '' },
    { name: 'far', source: 'http://127.0.0.1:9000/far/', sha256: '' },
  ];
  const named = hostsOf(
    {
      ...document,
      model: { ...document.model, source: 'hf:owner/name@main/model.gguf', adapters },
      judge: { kind: 'api', baseUrl: 'https://API.Example.org/v1', model: 'm' },
    },
    'vane.example',
  );
  expect(named).toEqual([
    { host: 'huggingface.co', url: 'https://huggingface.co/owner/name', what: 'the model is fetched from it', receivesAnswers: false },
    { host: '127.0.0.1:9000', url: 'http://127.0.0.1:9000/far/', what: 'the adapter "far" is fetched from it', receivesAnswers: false },
    {
      host: 'api.example.org',
      url: 'https://api.example.org/v1',
      what: 'questions and answers are sent to it for scoring',
      receivesAnswers: true,
    },
  ]);
});
