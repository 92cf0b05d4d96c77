import { ArgumentError, BackendError } from '../../core/errors';
import { openAdapter } from '../../models/open-adapter';
import type { Handlers } from '../messages';
import { readCapabilities, type WorkerCapabilities } from './capabilities';
import { encodeChat } from './chat-encoding';
import { generate } from './generate';
import type { LoadedModel } from './loaded-model';
import { loadModel } from './model-loader';
import { nextTokens } from './next-tokens';
import { forward, pooled, project, scoreAnswers } from './reads';

/** The engine's requests, served over the models that this worker holds. `baseUrl` resolves the page's own files. */
export function createHandlers(baseUrl: string): Handlers {
  const models = new Map<string, LoadedModel>();
  let loads = 0;
  let capabilities: Promise<WorkerCapabilities> | null = null;
  const known = () => {
    capabilities ??= readCapabilities();
    return capabilities;
  };
  const model = (modelId: string): LoadedModel => {
    const found = models.get(modelId);
    if (!found) throw new BackendError(`model ${modelId}: expected a loaded model, got none of that id.`, 'Load the model again.');
    return found;
  };
  const withModel = async <T>(modelId: string, task: (target: LoadedModel) => Promise<T>): Promise<T> => {
    const target = model(modelId);
    return target.lock.shared(() => task(model(modelId)));
  };
  return {
    capabilities: async () => {
      const { isSoftware: _software, maxBufferBytes: _bytes, ...shown } = await known();
      return shown;
    },
    load: async (request, { signal, emit }) => {
      const modelId = `model-${++loads}`;
      const onProgress = (progress: Parameters<typeof emit>[0]) => void emit(progress);
      const loaded = await loadModel(modelId, request, { baseUrl, signal, onProgress, capabilities: await known() });
      try {
        for (const { name, source } of request.adapters ?? []) {
          await loaded.addAdapter(name, await openAdapter(source, loaded.config, { baseUrl, signal, onProgress }));
        }
        await loaded.warm(signal);
        signal.throwIfAborted();
      } catch (error) {
        await loaded.dispose();
        throw error;
      }
      models.set(modelId, loaded);
      return loaded.info;
    },
    loadAdapter: async ({ modelId, name, source }, { signal, emit }) => {
      const target = model(modelId);
      if (name === '') throw new ArgumentError('adapter name: expected some text, got none.', 'Name the adapter.');
      const adapter = await openAdapter(source, target.config, { baseUrl, signal, onProgress: (progress) => void emit(progress) });
      await target.lock.exclusive(() => target.addAdapter(name, adapter));
      return target.info;
    },
    tokenize: async ({ modelId, text, addSpecialTokens }) => {
      const { tokenizer } = model(modelId);
      const ids = tokenizer.encode(text, { addSpecialTokens });
      return { ids, tokens: tokenizer.tokenTexts(ids) };
    },
    decode: async ({ modelId, ids }) => {
      const { tokenizer } = model(modelId);
      return { text: tokenizer.decode(ids), tokens: tokenizer.tokenTexts(ids) };
    },
    render: async ({ modelId, messages, addGenerationPrompt }) => model(modelId).tokenizer.render(messages, { addGenerationPrompt }),
    encodeChat: async ({ modelId, rows }) => rows.map((row) => encodeChat(model(modelId).tokenizer, row)),
    forward: ({ modelId, ...request }, { signal }) => withModel(modelId, (target) => forward(target, request, signal)),
    pooled: ({ modelId, ...request }, { signal, emit }) =>
      withModel(modelId, (target) => pooled(target, request, (event) => void emit(event), signal)),
    project: ({ modelId, ...request }, { signal }) => withModel(modelId, (target) => project(target, request, signal)),
    scoreAnswers: ({ modelId, ...request }, { signal }) => withModel(modelId, (target) => scoreAnswers(target, request, signal)),
    nextTokens: ({ modelId, ...request }, { signal }) => withModel(modelId, (target) => nextTokens(target, request, signal)),
    generate: ({ modelId, ...request }, { signal, emit }) => withModel(modelId, (target) => generate(target, request, emit, signal)),
    residualNorms: ({ modelId, hookPoints }, { signal }) => withModel(modelId, (target) => target.residualNorms(hookPoints, signal)),
    dispose: async ({ modelId }) => {
      const target = models.get(modelId);
      models.delete(modelId);
      await target?.lock.exclusive(() => target.dispose());
      return undefined;
    },
  };
}
