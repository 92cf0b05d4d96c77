import type { Direction, SideNames } from '../core/direction';
import type { NamedHost } from '../document/hosts';
import type { VaneDocument } from '../document/schema';
import type { EngineCapabilities, LoadProgress, ModelInfo } from '../engine/api';
import type { Validity } from '../judges/validity';

/** A mean or share with its 95 % interval and count; `mean` is null when fewer than eight values stand behind it. */
export interface Estimate {
  mean: number | null;
  low: number | null;
  high: number | null;
  n: number;
}

/** k of n with its Wilson interval, as shares. */
export interface Rate {
  k: number;
  n: number;
  low: number;
  high: number;
}

/** Scores of one answer on 0-100; null is `no score`, never a middle value. */
export interface AnswerScores {
  alignment: number | null;
  coherence: number | null;
  domain: number | null;
  custom: number | null;
  /** Word of the judge (aligned, misaligned, refusal, incoherent, …) or why there is no score. */
  verdict: string | null;
}

/** One answer as it stands on screen. */
export interface AnswerState {
  conditionId: string;
  questionId: string;
  sample: number;
  status: 'streaming' | 'done' | 'recorded';
  ids: number[];
  /** Token texts; joined they are the answer. */
  tokens: string[];
  /** Projection of each token on the shown direction in standard deviations of the base's answers; NaN where not read. */
  projections: number[];
  stopReason: 'stop' | 'length' | 'abort' | null;
  scores: AnswerScores | null;
  /** Made under a setting that is no longer set; `staleFrom` says which, such as `+0.18`. */
  stale: boolean;
  staleFrom: string | null;
}

export interface ConditionSummary {
  alignment: Estimate;
  coherence: Estimate;
  domain: Estimate;
  /** The programmatic score or, for a judge without alignment, its own score. */
  custom: Estimate;
  em: Rate;
  unscored: number;
  /** Answers of the present setting among those counted. */
  fresh: number;
  stale: boolean;
  /** Mean log-probability per token of the positive side's fixed answers (misaligned, or with prompt A) minus the other's, nat/token. */
  lean: Estimate | null;
  leanStale: boolean;
}

/** One control beside an effect: the same operation with another vector. */
export interface ControlSummary {
  kind: 'random' | 'flipped' | 'orthogonal' | 'goodAdapter';
  label: string;
  alignment: Estimate;
  coherence: Estimate;
  custom: Estimate;
  em: Rate;
  status: 'running' | 'done' | 'failed' | 'cancelled';
  /** `controlsSignature` of the setting it was made under, and that setting in words. */
  madeUnder: string;
  madeFrom: string;
}

export interface SweepPoint {
  coefficient: number;
  alignment: Estimate;
  coherence: Estimate;
  custom: Estimate;
  em: Rate;
}

/** Separation of the two classes at one hook point, on held-out groups. */
export interface ProfilePoint {
  hookPoint: string;
  block: number;
  /** Length of the difference of means over the mean residual norm. */
  relativeNorm: number;
  auc: Estimate;
  /** How the difference was taken, where that is known. */
  definition?: Definition;
  /** The same of the other definition, from the same rows; a link leaves it out. */
  other?: { definition: Definition; auc: Estimate };
}

type Definition = VaneDocument['directionSettings']['definition'];

/** What a contrast is made of: its record, and what else its answers and their split depend on. */
export interface ContrastSetting {
  record: VaneDocument['contrast'];
  signature: string;
}

/** Rows that were not used, and why. */
export interface LeftOut {
  reason: string;
  count: number;
}

/** Sizes of a contrast's two sides. */
export interface ContrastReport {
  /** `contrastSetting` of what was counted. */
  madeOf: ContrastSetting;
  positive: number;
  negative: number;
  leftOut: LeftOut[];
  /** Those of `leftOut` that an import had left out, which stay said when the contrast is made of what it took. */
  imported?: LeftOut[];
  sides?: SideNames;
}

export interface ScatterPoint {
  x: number;
  y: number;
  positive: boolean;
  label: string;
}

export interface CosineMatrix {
  /** Ids of the directions; their names need not differ. */
  ids: string[];
  names: string[];
  values: number[][];
  hookPoint: string;
}

/** Layer x token projections of one answer. */
export interface LayerTokenMap {
  conditionId: string;
  questionId: string;
  sample: number;
  tokens: string[];
  /** Of the answer as it was read, and `readAlong` of the direction: when either is another now, the map is of before. */
  ids: number[];
  along: string;
  hookPoints: string[];
  /** `[hookPoints][tokens]` in standard deviations. */
  values: number[][];
}

export interface Notice {
  id: string;
  tone: 'error' | 'info';
  text: string;
  /** Ways on, most useful first. */
  actions: Array<{ label: string; run: () => void }>;
}

export interface TaskProgress {
  label: string;
  done: number;
  total: number | null;
  unit: 'bytes' | 'answers' | 'rows';
  cancel: () => void;
}

export interface RecomputeReport {
  /** `recomputeSignature` of the setting that was checked. */
  madeUnder: string;
  answers: number;
  matched: number;
  scoresMatched: number;
  /** Scores that were compared. */
  scores: number;
  differences: Array<{ conditionId: string; questionId: string; sample: number; what: string }>;
}

export interface JudgeState {
  name: string;
  /** What it scores, by what, and its limits, in a paragraph; none while no judge is made. */
  description?: string;
  /** Such as `grammar agrees 1.00, n = 2000`; null until measured. */
  agreement: Array<{ score: string; figure: string; value: Estimate }> | null;
  /** How the agreement was measured, and on how many labelled answers from where; none until measured. */
  measured?: Pick<Validity, 'method' | 'labels' | 'rows'>;
  /** It waits for the model, or beside a recorded result for something to be run, or is being made, or made, or could not be. */
  status: 'waiting' | 'fitting' | 'ready' | 'failed';
  /** False for a judge that no label can speak of, such as a rule: it counts what it says it counts. */
  measurable?: boolean;
}

export interface ConsentRequest extends NamedHost {
  resolve: (allowed: boolean) => void;
}

/** What the engine and the experiments report; never saved. */
export interface RuntimeState {
  canUndo: boolean;
  canRedo: boolean;
  capabilities: EngineCapabilities | null;
  modelStatus: 'none' | 'loading' | 'ready' | 'failed';
  modelInfo: ModelInfo | null;
  loadProgress: LoadProgress | null;
  tasks: TaskProgress[];
  notices: Notice[];
  /** Keyed by `conditionId|questionId|sample`. */
  answers: Record<string, AnswerState>;
  summaries: Record<string, ConditionSummary>;
  controls: Record<string, ControlSummary[]>;
  directions: Direction[];
  contrastReport: ContrastReport | null;
  /** Rows of the contrast that the last reading could not use. */
  readLeftOut: LeftOut[];
  profile: ProfilePoint[];
  scatter: ScatterPoint[];
  cosines: CosineMatrix | null;
  /** The setting under which profile and scatter were read; `staleness.ts` makes and compares it. */
  readingsMadeUnder: { signature: string; hookPoint: string } | null;
  sweeps: Record<string, SweepPoint[]>;
  /** `sweepSignature` by intervention. */
  sweepsMadeUnder: Record<string, string>;
  /** A control's sweep beside an intervention's own. */
  controlSweeps: Record<string, { label: string; points: SweepPoint[]; madeUnder: string }>;
  map: LayerTokenMap | null;
  /** Mean residual norm by hook point. */
  residualNorms: Record<string, number>;
  judge: JudgeState;
  /** Question sets that can be chosen. */
  questionSets: Array<{ id: string; label: string; count: number }>;
  linkBytes: number | null;
  linkFits: boolean;
  recompute: RecomputeReport | null;
  /** The document came from a link or file and shows recorded answers only. */
  recordedOnly: boolean;
  /** Judge of the recording that was opened; its answers carry its scores while the document names it. */
  recordedJudge: VaneDocument['judge'] | null;
  /** The API judges for which this tab keeps a key; `judge-keys.ts` names them and holds the keys. */
  keptKeys: string[];
  consent: ConsentRequest | null;
}

/** What this tab shows; lost with it. */
export interface SessionState {
  theme: 'system' | 'dark' | 'light';
  openStep: 1 | 2 | 3 | 4 | 5 | null;
  activeInterventionId: string | null;
  activeDirectionId: string | null;
  /** Index into the question list of the first row on screen. */
  questionIndex: number;
  /** Token pinned for its layer profile. */
  pinnedToken: { conditionId: string; questionId: string; sample: number; index: number } | null;
  /** While true every intervention is off (hold B). */
  bypass: boolean;
  /** Only tokens beyond this many standard deviations are tinted. */
  tintThreshold: number;
  phoneConditionId: string | null;
  /** One question, large, for a projector; a phone has no such view. */
  kiosk: boolean;
  /** A question of one's own that is being typed and not yet asked. */
  typedQuestion: string;
  singleKeysEnabled: boolean;
  dialog: 'keys' | 'export' | 'table' | 'recipe' | 'validity' | null;
  enlarged: 'map' | 'scatter' | 'profile' | 'cosines' | 'sweep' | null;
}

export interface AppState {
  document: VaneDocument;
  session: SessionState;
  runtime: RuntimeState;
}

/** Everything the screen can do. Each call that takes time shows in `runtime.tasks` and can be cancelled there; failures become notices. */
export interface AppActions {
  setSession(patch: Partial<SessionState>): void;
  /** Applies one undoable change to the document. `gesture` groups the steps of one drag into one undo step. */
  editDocument(change: (document: VaneDocument) => VaneDocument, gesture?: string): void;
  undo(): void;
  redo(): void;
  dismissNotice(id: string): void;
  answerConsent(allowed: boolean): void;

  /** Takes files of this machine for the model that the document names elsewhere, and goes on with them. */
  takeOwnFiles(files: File[]): Promise<void>;
  loadModel(choice: { source: string | File[]; backend?: 'webgpu' | 'wasm' | null; weights?: 'f32' | 'q8' | 'q4' | null }): Promise<void>;
  /** Loads one more adapter beside the base; false when it was not taken up. */
  addAdapter(name: string, source: string | File[]): Promise<boolean>;
  removeAdapter(name: string): void;
  setBackend(backend: 'webgpu' | 'wasm'): Promise<void>;

  /** Generates and scores what is visible (all conditions x visible questions) or everything. */
  runAll(): Promise<void>;
  /** Asks a question of the person's own under every condition; false when it was not taken up. */
  ask(question: string): Promise<boolean>;
  removeQuestion(id: string): void;
  chooseQuestionSet(setId: string): Promise<void>;
  importQuestions(file: File): Promise<void>;

  runContrast(): Promise<void>;
  importContrast(file: File): Promise<void>;
  /** Computes the direction at every block; keeps the one at `directionSettings.hookPoint`. */
  computeDirection(): Promise<void>;
  /** Keeps the direction at a hook point as one more, read first where that is needed. */
  keepDirection(hookPoint: string): Promise<void>;
  renameDirection(id: string, name: string): void;
  flipDirection(id: string): void;
  deleteDirection(id: string): void;

  addIntervention(operation: 'steer' | 'ablate' | 'clamp'): void;
  patchIntervention(id: string, patch: Partial<VaneDocument['interventions'][number]>, gesture?: string): void;
  deleteIntervention(id: string): void;
  addCondition(): void;
  patchCondition(id: string, patch: Partial<VaneDocument['conditions'][number]>, gesture?: string): void;
  deleteCondition(id: string): void;
  runControls(conditionId: string): Promise<void>;
  runSweep(interventionId: string): Promise<void>;
  /** The sweep along a random direction of the same length. */
  runControlSweep(interventionId: string): Promise<void>;
  showMap(conditionId: string, questionId: string, sample: number): Promise<void>;

  setJudge(judge: VaneDocument['judge'], secret?: { apiKey: string }): Promise<void>;
  /** Forgets the key that this tab keeps for an API judge. */
  forgetJudgeKey(judge: Extract<VaneDocument['judge'], { kind: 'api' }>): Promise<void>;
  measureJudge(): Promise<void>;
  /** Makes the document's judge once more, after that failed or was cancelled. */
  makeJudgeAgain(): Promise<void>;
  /** Labelled answers of the person's own, to measure every judge against; a read-out is fitted on them at once. */
  importLabels(file: File): Promise<void>;
  /** A model of this machine as the judge that is asked. */
  askOwnModel(files: File[]): Promise<void>;

  share(): Promise<string>;
  openLink(link: string): Promise<void>;
  recompute(): Promise<void>;
  keepAsMyOwn(): Promise<void>;
  exportAs(kind: ExportKind): Promise<void>;
  importFile(file: File): Promise<void>;
}

export type ExportKind =
  | 'document'
  | 'directions.safetensors'
  | 'directions.npz'
  | 'directions.gguf'
  | 'answers.csv'
  | 'answers.jsonl'
  | 'scores.csv'
  | 'scores.jsonl';
