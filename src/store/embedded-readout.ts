import { FormatError } from '../core/errors';
import { LIMITS } from '../core/limits';
import { parseReadoutDescription, type ReadoutDescription } from '../core/readout-description';
import { remembered } from '../core/remembered';
import type { Tensor } from '../core/tensor';
import { BlobSource } from '../formats/http-tree';
import { parseJson } from '../formats/json-fields';
import { readSafetensorsHeader } from '../formats/safetensors';
import { sha256, toHex } from '../formats/sha256';
import { TensorStore } from '../formats/tensor-store';
import type { EmbeddedReadout } from '../judges/embedded';
import type { Perceptron } from '../judges/perceptron';
import { ownFile } from './own-file';

const FOLDER = 'models/organism/judge/';
const BUILD_AGAIN = 'Build the page again.';

/**
 * The judge model that ships beside the embedded organism, read once, with the hash of its weights.
 * @throws SourceError when the page's own files cannot be had; FormatError naming the field that is not as expected.
 */
export const embeddedReadout = remembered(read);

async function read(): Promise<{ readout: EmbeddedReadout; sha256: string }> {
  const responses = await Promise.all([ownFile(`${FOLDER}readout.json`), ownFile(`${FOLDER}readout.safetensors`)]);
  const [description, weights] = await Promise.all([responses[0].arrayBuffer(), responses[1].blob()]);
  const { heads, ...rest } = parseReadoutDescription(
    parseJson(new Uint8Array(description), 'readout.json', LIMITS.configBytes),
    'readout.json',
  );
  const source = new BlobSource('readout.safetensors', weights);
  const store = new TensorStore(
    (await readSafetensorsHeader(source)).map(({ dtype, ...entry }) => {
      if (dtype !== 'F32') throw new FormatError(`readout.safetensors, ${entry.name}: expected F32, got ${dtype}.`, BUILD_AGAIN);
      return { ...entry, storedType: 'F32' as const, source };
    }),
  );
  const [alignment, coherence, domain] = await Promise.all([
    readHead(store, 'alignment', heads.alignment),
    readHead(store, 'coherence', heads.coherence),
    readHead(store, 'domain', heads.domain),
  ]);
  return {
    readout: { ...rest, heads: { alignment, coherence, domain } },
    sha256: toHex(await sha256(new Uint8Array(await weights.arrayBuffer()))),
  };
}

async function readHead(store: TensorStore, name: string, { classes, layers }: ReadoutDescription['heads']['domain']): Promise<Perceptron> {
  const tensor = async (key: string): Promise<Tensor> => {
    const entry = store.entry(`${name}.${key}`);
    if (!entry) throw new FormatError(`readout.safetensors: expected ${name}.${key}, got nothing.`, BUILD_AGAIN);
    const rows = entry.shape.slice(0, -1).reduce((product, size) => product * size, 1);
    return { data: await store.readRows(entry.name, 0, rows), shape: [...entry.shape] };
  };
  const mean = await tensor('mean');
  const scale = await tensor('scale');
  const stack: Array<{ weight: Tensor; bias: Float32Array }> = [];
  let width = mean.data.length;
  for (let layer = 0; layer < layers; layer++) {
    const weight = await tensor(`layers.${layer}.weight`);
    const { data: bias } = await tensor(`layers.${layer}.bias`);
    if (weight.shape.join() !== `${width},${bias.length}`)
      throw new FormatError(
        `readout.safetensors, ${name}.layers.${layer}.weight: expected [${width}, ${bias.length}], got [${weight.shape}].`,
        BUILD_AGAIN,
      );
    stack.push({ weight, bias });
    width = bias.length;
  }
  if (width !== classes.length || scale.data.length !== mean.data.length)
    throw new FormatError(`readout.safetensors, ${name}: expected ${classes.length} classes, got ${width}.`, BUILD_AGAIN);
  return { classes, mean: mean.data, scale: scale.data, layers: stack };
}
