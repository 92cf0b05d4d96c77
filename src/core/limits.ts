/** Every limit on what is read from files, links and hosts, in one place. Sizes in bytes unless the name says otherwise. */
export const LIMITS = {
  /** A safetensors header; the format's own library allows 100 MB. */
  safetensorsHeaderBytes: 100_000_000,
  /** GGUF metadata and tensor table together. */
  ggufHeaderBytes: 64_000_000,
  ggufStringBytes: 4_000_000,
  ggufArrayLength: 2_000_000,
  ggufMetadataCount: 10_000,
  ggufKeyBytes: 1_024,
  tensorCount: 20_000,
  weightFiles: 64,
  /** config.json, adapter_config.json, tokenizer_config.json, generation_config.json. */
  configBytes: 4_000_000,
  /** tokenizer.json of a 262,144-token vocabulary is about 33 MB. */
  tokenizerBytes: 80_000_000,
  chatTemplateBytes: 200_000,
  /** Numbers that `range` gives inside a chat template. */
  templateRange: 10_000,
  jsonDepth: 64,
  /** The largest weight file set that is worth trying in a tab. */
  modelBytes: 12_000_000_000,
  /** A weight file from a host without Range requests is streamed once into Blobs up to this size. */
  rangelessBytes: 600_000_000,
  vocabSize: 1_000_000,
  dModel: 16_384,
  dMlp: 131_072,
  heads: 512,
  headDim: 1_024,
  nLayers: 256,
  contextLength: 1_048_576,
  adapterBytes: 2_000_000_000,
  adapterRank: 1_024,
  /** A share link's fragment; browsers differ above this. */
  linkCharacters: 32_000,
  /** A fragment that is still read when someone made it longer. */
  linkReadCharacters: 2_000_000,
  /** A document once decompressed: stops decompression bombs. */
  documentBytes: 20_000_000,
  /** Names, titles and ids inside a document. */
  nameCharacters: 200,
  sourceCharacters: 2_048,
  /** Recorded answers of one document, all conditions together. */
  recordedAnswerCount: 20_000,
  answerCharacters: 100_000,
  sweepPointCount: 256,
  /** Points of a recorded activation scatter. */
  scatterPointCount: 4_096,
  /** Words of a programmatic score; also listed token positions. */
  listLength: 4_096,
  regexCharacters: 500,
  /** Reads of labelled answers kept between visits, and how many sets of them. */
  keptReadsBytes: 64_000_000,
  keptReadsCount: 8,
  /** Of the judge model that ships beside the embedded organism. */
  readoutClasses: 64,
  readoutLayers: 8,
  readoutFeatures: 8,
  /** One reply of an API judge. */
  judgeReplyBytes: 2_000_000,
  /** Text of one answer that a regular expression is tried on. */
  regexTextCharacters: 20_000,
  directionCount: 64,
  interventionCount: 16,
  conditionCount: 12,
  /** Controls beside one effect: as many random ones as conditions, flipped, orthogonal, good data. */
  controlCount: 16,
  questionCount: 500,
  questionCharacters: 20_000,
  answersPerQuestion: 256,
  maxNewTokens: 4_096,
  /** Rows of a dropped JSONL, CSV or YAML file. */
  rowCount: 100_000,
  rowFileBytes: 50_000_000,
} as const;
