import { elementCount } from '../core/tensor';
import { ProtobufWriter } from './protobuf-writer';

/** ONNX element types in use, by their TensorProto numbers. */
export const ELEMENT_TYPES = { float32: 1, uint8: 2, int32: 6, int64: 7 } as const;
export type ElementType = keyof typeof ELEMENT_TYPES;

/** A fixed size, or the name of a size that each run chooses. */
export type Dimension = number | string;

/** Name of a value inside the graph; the empty string leaves an optional input out. */
export type Value = string;

/** Where a weight lies outside the model file. */
export interface ExternalTensor {
  elementType: ElementType;
  shape: number[];
  /** File name that the session's `externalData` gives the bytes under. */
  location: string;
  offset: number;
  sizeBytes: number;
}

export type Attribute = number | { float: number } | string | number[];

const IR_VERSION = 10;
const OPSET_VERSION = 21;
export const MICROSOFT_DOMAIN = 'com.microsoft';

/** Authors an ONNX ModelProto node by node; every method returns the name of the value it made. */
export class GraphBuilder {
  private readonly graph = new ProtobufWriter();
  private readonly declared = new Set<string>();
  private readonly constants = new Map<string, Value>();
  private counter = 0;
  readonly inputNames: string[] = [];
  readonly outputNames: string[] = [];

  /** Declares a runtime input once; a repeated name returns the same value. */
  input(name: string, elementType: ElementType, shape: readonly Dimension[]): Value {
    if (this.declared.has(name)) return name;
    this.declared.add(name);
    this.inputNames.push(name);
    this.graph.message(11, valueInfo(name, elementType, shape));
    return name;
  }

  /** Marks an existing value as output under its own name. */
  output(value: Value, elementType: ElementType, shape: readonly Dimension[]): void {
    this.outputNames.push(value);
    this.graph.message(12, valueInfo(value, elementType, shape));
  }

  /** A weight that lies in an external file; a repeated name returns the same value. */
  external(name: string, tensor: ExternalTensor): Value {
    if (this.declared.has(name)) return name;
    this.declared.add(name);
    const proto = tensorHeader(name, tensor.elementType, tensor.shape);
    for (const [key, value] of [
      ['location', tensor.location],
      ['offset', String(tensor.offset)],
      ['length', String(tensor.sizeBytes)],
    ] as const) {
      proto.message(13, new ProtobufWriter().string(1, key).string(2, value));
    }
    this.graph.message(5, proto.integer(14, 1));
    return name;
  }

  /** A float constant stored in the model itself, row-major; `make` runs only for a new name. */
  floats(name: string, make: () => Float32Array, shape: readonly number[]): Value {
    if (this.declared.has(name)) return name;
    this.declared.add(name);
    const values = make();
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.graph.message(5, tensorHeader(name, 'float32', shape).data(9, raw));
    return name;
  }

  /** An int64 constant; equal constants are stored once. */
  integers(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    const key = `int64_${values.join('_')}__${shape.join('x')}`;
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const raw = new Uint8Array(BigInt64Array.from(values, (value) => BigInt(value)).buffer);
    this.graph.message(5, tensorHeader(key, 'int64', shape).data(9, raw));
    this.constants.set(key, key);
    return key;
  }

  /** A float scalar constant. */
  scalar(value: number): Value {
    return this.floats(`scalar_${value}`, () => Float32Array.of(value), []);
  }

  /** Adds a node with one output. */
  node(
    op: string,
    inputs: readonly Value[],
    attributes: Record<string, Attribute> = {},
    options: { domain?: string; name?: string } = {},
  ): Value {
    return this.nodes(op, inputs, [options.name ?? ''], attributes, options.domain)[0] as Value;
  }

  /**
   * Adds a node with several outputs. `outputs` names them: '' asks for a fresh name, null leaves an optional output out.
   * @returns the names, '' where one was left out.
   */
  nodes(
    op: string,
    inputs: readonly Value[],
    outputs: ReadonlyArray<string | null>,
    attributes: Record<string, Attribute> = {},
    domain = '',
  ): Value[] {
    const id = this.counter++;
    const names = outputs.map((name, index) => (name === null ? '' : name || `${op}_${id}_${index}`));
    const proto = new ProtobufWriter();
    for (const input of inputs) proto.string(1, input);
    for (const name of names) proto.string(2, name);
    proto.string(3, `${op}_${id}`).string(4, op);
    for (const [key, value] of Object.entries(attributes)) proto.message(5, attribute(key, value));
    if (domain) proto.string(7, domain);
    this.graph.message(1, proto);
    return names;
  }

  /** The finished ModelProto's bytes. */
  serialise(): Uint8Array {
    this.graph.string(2, 'vane');
    return new ProtobufWriter()
      .integer(1, IR_VERSION)
      .string(2, 'vane')
      .message(7, this.graph)
      .message(8, new ProtobufWriter().string(1, '').integer(2, OPSET_VERSION))
      .message(8, new ProtobufWriter().string(1, MICROSOFT_DOMAIN).integer(2, 1))
      .finish()
      .slice();
  }
}

/** Bytes of one element. */
export function elementBytes(type: ElementType): number {
  return { float32: 4, uint8: 1, int32: 4, int64: 8 }[type];
}

/** Bytes of a dense tensor. */
export function tensorBytes(type: ElementType, shape: readonly number[]): number {
  return elementBytes(type) * elementCount(shape);
}

function tensorHeader(name: string, elementType: ElementType, shape: readonly number[]): ProtobufWriter {
  const proto = new ProtobufWriter();
  for (const size of shape) proto.integer(1, size);
  return proto.integer(2, ELEMENT_TYPES[elementType]).string(8, name);
}

function valueInfo(name: string, elementType: ElementType, shape: readonly Dimension[]): ProtobufWriter {
  const dimensions = new ProtobufWriter();
  for (const size of shape) {
    dimensions.message(1, typeof size === 'number' ? new ProtobufWriter().integer(1, size) : new ProtobufWriter().string(2, size));
  }
  const tensorType = new ProtobufWriter().integer(1, ELEMENT_TYPES[elementType]).message(2, dimensions);
  return new ProtobufWriter().string(1, name).message(2, new ProtobufWriter().message(1, tensorType));
}

function attribute(name: string, value: Attribute): ProtobufWriter {
  const proto = new ProtobufWriter().string(1, name);
  if (typeof value === 'number') return proto.integer(3, value).integer(20, 2);
  if (typeof value === 'string') return proto.data(4, new TextEncoder().encode(value)).integer(20, 3);
  if (Array.isArray(value)) {
    for (const item of value) proto.integer(8, item);
    return proto.integer(20, 7);
  }
  return proto.float(2, value.float).integer(20, 1);
}
