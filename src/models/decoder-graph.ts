import { RUN_INPUTS, softcap } from '../graph/attention';
import { DecoderAuthor, type GraphPlan, type GraphWeights } from '../graph/decoder-author';
import { ResidualStream } from '../graph/residual-stream';
import type { ModelConfig } from './model-config';
import { FAMILY_GRAPHS } from './registry';

/** A finished graph: the model's bytes and its interface. */
export interface AuthoredGraph {
  model: Uint8Array;
  inputNames: string[];
  outputNames: string[];
}

/** Hook points that are one tensor at the end of block `block`, in the order in which their edits apply. */
export function endStages(block: number, nLayers: number): string[] {
  const post = `blocks.${block}.hook_resid_post`;
  return block + 1 < nLayers ? [post, `blocks.${block + 1}.hook_resid_pre`] : [post];
}

/**
 * Authors the decoder from embeddings `[tokens, dModel]` to logits `[rows, vocabSize]` of the chosen rows, with the plan's
 * edits, reads and adapter branches, and a key-value cache for each block.
 */
export function authorDecoder(config: ModelConfig, weights: GraphWeights, plan: GraphPlan): AuthoredGraph {
  const author = new DecoderAuthor(weights, plan, config.normEpsilon);
  const { builder } = author;
  const family = FAMILY_GRAPHS[config.family];
  const [firstNorm = ''] = family.blockNorms;
  const stream = new ResidualStream(author, builder.input(RUN_INPUTS.embeddings, 'float32', ['tokens', config.dModel]), config.dModel);
  let normed = stream.normalise(`model.layers.0.${firstNorm}.weight`);
  for (let block = 0; block < config.nLayers; block++) {
    const isLast = block + 1 === config.nLayers;
    normed = family.authorBlock({
      author,
      config,
      stream,
      block,
      normed,
      endStages: endStages(block, config.nLayers),
      nextNorm: isLast ? 'model.norm.weight' : `model.layers.${block + 1}.${firstNorm}.weight`,
    });
  }
  stream.remember('ln_final.hook_normalized', normed);
  const rows = builder.input(RUN_INPUTS.logitRows, 'int64', ['logitRows']);
  const chosen = builder.node('Gather', [normed, rows], { axis: 0 });
  const raw = author.linear(chosen, 'lm_head', config.dModel);
  builder.node('Identity', [softcap(author, raw, config.finalSoftcap)], {}, { name: 'logits' });
  builder.output('logits', 'float32', ['logitRows', config.vocabSize]);
  stream.emitTaps();
  return { model: builder.serialise(), inputNames: builder.inputNames, outputNames: builder.outputNames };
}
