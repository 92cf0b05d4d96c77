import { useApp } from '../store-context';

/** The question sets at hand; a set that the document names but nobody knows keeps its name. */
export function useQuestionSets(): Array<{ id: string; label: string; count: number }> {
  const setId = useApp((state) => state.document.questions.setId);
  const items = useApp((state) => state.document.questions.items);
  const sets = useApp((state) => state.runtime.questionSets);
  return sets.some(({ id }) => id === setId) ? sets : [{ id: setId, label: setId || 'Your own questions', count: items.length }, ...sets];
}
