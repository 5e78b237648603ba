// Long lists in columns, as Node has them.

/** Lists with no more items stand as they are. */
const FEW = 6;
/** What stands between two items. */
const SEPARATOR = 2;
/** How much higher a letter is than wide: what makes of columns a square. */
const HEIGHT = 2.5;
/** By how much the widest item is wider than what counts. */
const BIAS = 3;
const MOST_COLUMNS = 15;

/**
 * The items of a list, several in a text where they go into columns; as they are where they do not. `room` is how wide a line may be,
 * `rows` how many lines a square may have for each four columns, `rest` what is told of items that are left out.
 */
export function grouped(items: string[], rest: string[], room: number, indentation: number, compact: number, isNumeric: boolean): string[] {
  if (items.length + rest.length <= FEW) return [...items, ...rest];
  const widths = items.map((item) => item.length + SEPARATOR);
  const total = widths.reduce((sum, width) => sum + width, 0);
  const widest = Math.max(...widths);
  const isShort = total / widest > 5 || widest - SEPARATOR <= FEW;
  if (widest * 3 + indentation >= room || !isShort) return [...items, ...rest];
  const usual = Math.max(widest - BIAS - Math.sqrt(widest - total / (items.length + rest.length)), 1);
  const columns = Math.min(
    Math.round(Math.sqrt(HEIGHT * usual * items.length) / usual),
    Math.floor((room - indentation) / widest),
    compact * 4,
    MOST_COLUMNS,
  );
  if (columns <= 1) return [...items, ...rest];
  const columnWidth = (column: number) => Math.max(...widths.filter((_, index) => index % columns === column));
  const columnWidths = Array.from({ length: columns }, (_, column) => columnWidth(column));
  const lines: string[] = [];
  for (let start = 0; start < items.length; start += columns) {
    const line = items.slice(start, start + columns);
    const cells = line.map((item, column) => {
      const isLast = column === line.length - 1;
      if (isNumeric) return item.padStart(columnWidths[column]! - SEPARATOR) + (isLast ? '' : ', ');
      return isLast ? item : `${item}, `.padEnd(columnWidths[column]!);
    });
    lines.push(cells.join(''));
  }
  return [...lines, ...rest];
}
