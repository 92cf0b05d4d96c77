/** Key of an answer in `runtime.answers`. */
export function answerKey(conditionId: string, questionId: string, sample: number): string {
  return `${conditionId}|${questionId}|${sample}`;
}
