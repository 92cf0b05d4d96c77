import type { FamilyGraph } from './block-context';
import { gemma2Graph } from './gemma2/block';
import { gemma3Graph } from './gemma3/block';
import { llamaGraph } from './llama/block';
import type { Family } from './model-config';
import { qwen2Graph } from './qwen2/block';
import { qwen3Graph } from './qwen3/block';

/** The graph of each family. */
export const FAMILY_GRAPHS: Record<Family, FamilyGraph> = {
  qwen2: qwen2Graph,
  qwen3: qwen3Graph,
  gemma2: gemma2Graph,
  gemma3: gemma3Graph,
  llama: llamaGraph,
};
