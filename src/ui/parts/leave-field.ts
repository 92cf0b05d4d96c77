/**
 * Takes the focus from what has it within an element, so that a field commits what was typed. To be called before fields are taken from the
 * screen without a move of the focus: React does not hear the blur of an element that it takes away itself.
 */
export function leaveField(within: Element | null): void {
  const { activeElement } = document;
  if (activeElement instanceof HTMLElement && within?.contains(activeElement)) activeElement.blur();
}
