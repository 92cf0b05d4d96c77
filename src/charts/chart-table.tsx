import './charts.css';

/** The data behind a chart, as text cells. */
export interface ChartTableData {
  caption: string;
  columns: Array<{ label: string; figure?: boolean }>;
  rows: string[][];
}

/** The same figures as the chart's in an accessible table; the first cell of each row is its heading. */
export function ChartTable({ data }: { data: ChartTableData }) {
  const { caption, columns } = data;
  // A row has no identity but its place: two may hold the same cells, and none moves.
  const rows = data.rows.map((cells, place) => ({ cells, key: String(place) }));
  return (
    <table className="chart-table">
      <caption>{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.label} scope="col" className={column.figure ? 'figure' : undefined}>
              {column.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ cells: [heading, ...cells], key }) => (
          <tr key={key}>
            <th scope="row" className={columns[0]?.figure ? 'figure' : undefined}>
              {heading}
            </th>
            {columns.slice(1).map((column, at) => (
              <td key={column.label} className={column.figure ? 'figure' : undefined}>
                {cells[at]}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
