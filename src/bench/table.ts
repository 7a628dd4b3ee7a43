/**
 * Lays rows out as a Markdown table whose columns line up.
 *
 * @param head - Names of the columns.
 * @param rows - Cells; a number is shown with its decimals as given, null or undefined as a dash.
 * @returns Lines joined by newlines, one at the end.
 */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly (string | null | undefined)[])[],
): string {
  const cells = [head, ...rows.map((row) => head.map((_, column) => row[column] ?? '-'))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]!.length), 3));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return `${[line(cells[0]!), rule, ...cells.slice(1).map(line)].join('\n')}\n`;
}

/** Shows a number with a fixed number of decimals; null and undefined stay what they are. */
export function fixed(value: number | null | undefined, decimals: number): string | undefined {
  return value === null || value === undefined ? undefined : value.toFixed(decimals);
}
