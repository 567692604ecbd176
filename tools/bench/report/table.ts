import { reaches, targetText, type Figure } from '../figure.ts';

/** Rows of text with aligned columns. */
export function alignRows(rows: readonly (readonly string[])[], rightAligned: readonly number[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (rightAligned.includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}

export const formatValue = ({ value, digits = 0 }: Figure): string =>
  Number.isFinite(value) ? value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits }) : '-';

export const verdict = (figure: Figure): string => (figure.target === undefined ? '' : reaches(figure) ? 'pass' : 'MISS');

export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [figure.label, formatValue(figure), figure.unit, targetText(figure.target), verdict(figure)]);
  return alignRows([['figure', 'value', 'unit', 'target', ''], ...rows], [1, 3]).join('\n');
}
