import { afterEach, expect, test, vi } from 'vitest';
import { leaveField } from '../../src/ui/parts/leave-field';

/** As much of an element as can have the focus and hold another. */
class FakeElement {
  readonly blur = vi.fn();
  constructor(private readonly held: readonly FakeElement[] = []) {}
  contains(other: unknown): boolean {
    return other === this || this.held.some((element) => element === other);
  }
}

const asElement = (element: FakeElement) => element as unknown as Element;

afterEach(() => {
  vi.unstubAllGlobals();
});

test('what has the focus within is left, so that it commits; what has it elsewhere keeps it', () => {
  const field = new FakeElement();
  const panel = new FakeElement([field]);
  vi.stubGlobal('HTMLElement', FakeElement);
  vi.stubGlobal('document', { activeElement: field });
  leaveField(asElement(new FakeElement()));
  leaveField(null);
  expect(field.blur).not.toHaveBeenCalled();
  leaveField(asElement(panel));
  expect(field.blur).toHaveBeenCalledOnce();
});
