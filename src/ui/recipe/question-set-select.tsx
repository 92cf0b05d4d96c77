import { useActions, useApp } from '../store-context';

/** The question sets at hand; a set that the document names but nobody knows keeps its name. */
export function useQuestionSets(): Array<{ id: string; label: string; count: number }> {
  const actions = useActions();
  // The list belongs to the actions, not to the state: it changes with the model and with the questions.
  const setId = useApp((state) => state.document.questions.setId);
  const items = useApp((state) => state.document.questions.items);
  useApp((state) => state.runtime.modelInfo);
  const sets = actions.questionSets();
  return sets.some(({ id }) => id === setId) ? sets : [{ id: setId, label: setId || 'Your own questions', count: items.length }, ...sets];
}
