import type { LeftOut } from '../../store/state';

/** How many rows were not used, and of each reason how many; nothing where all were. */
export function LeftOutList({ leftOut, of }: { leftOut: readonly LeftOut[]; of?: string }) {
  const total = leftOut.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return null;
  return (
    <>
      <p className="note">
        {total} left out{of && ` ${of}`}:
      </p>
      <ul className="left-out">
        {leftOut.map(({ reason, count }) => (
          <li key={reason}>
            <b>{count}</b> {reason}
          </li>
        ))}
      </ul>
    </>
  );
}
