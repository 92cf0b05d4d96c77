import type { ComponentType } from 'react';
import type { AppState } from '../../store/state';
import { useActions, useApp } from '../store-context';
import { ContrastStep } from './contrast-step';
import { DirectionStep } from './direction-step';
import { InterventionStep } from './intervention-step';
import { JudgeStep } from './judge-step';
import { ModelStep } from './model-step';
import { contrastSummary, directionSummary, interventionSummary, judgeSummary, modelSummary } from './step-summaries';

type StepNumber = 1 | 2 | 3 | 4 | 5;

const STEPS: ReadonlyArray<{ number: StepNumber; title: string; summary: (state: AppState) => string; Body: ComponentType }> = [
  { number: 1, title: 'Model', summary: modelSummary, Body: ModelStep },
  { number: 2, title: 'Contrast', summary: contrastSummary, Body: ContrastStep },
  { number: 3, title: 'Direction', summary: directionSummary, Body: DirectionStep },
  { number: 4, title: 'Intervention', summary: interventionSummary, Body: InterventionStep },
  { number: 5, title: 'Judge', summary: judgeSummary, Body: JudgeStep },
];

/** The five steps of an experiment, one open at a time; a closed one says in a line what is set. */
export function Recipe() {
  return (
    <aside className="recipe" aria-label="Recipe">
      {STEPS.map((step) => (
        <Step key={step.number} {...step} />
      ))}
    </aside>
  );
}

function Step({ number, title, summary, Body }: (typeof STEPS)[number]) {
  const open = useApp((state) => state.session.openStep === number);
  const line = useApp(summary);
  const actions = useActions();
  return (
    <section className={open ? 'step open' : 'step'}>
      <h2>
        <button
          type="button"
          id={`step-${number}`}
          className="step-head"
          aria-expanded={open}
          aria-controls={`step-${number}-body`}
          title={open ? undefined : line}
          onClick={() => actions.setSession({ openStep: open ? null : number })}
        >
          <span className="step-number">{number}</span>
          <span className="step-title">{title}</span>
          {!open && <span className="step-line">{line}</span>}
        </button>
      </h2>
      <div id={`step-${number}-body`} className="step-body" hidden={!open}>
        {open && <Body />}
      </div>
    </section>
  );
}
