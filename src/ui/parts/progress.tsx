/** How much of the work is done; without a total it only says that something is going on. */
export function Progress({ label, done, total }: { label: string; done: number; total: number | null }) {
  return <progress className="progress" aria-label={label} {...(total ? { value: Math.min(done, total), max: total } : {})} />;
}
