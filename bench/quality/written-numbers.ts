/** Digits, or digits with two more after a dot; a row of such with spaces or hyphens between. */
const ROW =
  /(?<![\w$£€]|\d[.,:/-])\d+(?:\.\d\d)?(?:[ -]\d+(?:\.\d\d)?)*(?![.,:/-]?\d|(?! ?[ap]\.?m\b)\w)/gi;
const ITEM = /\d+(?:\.\d\d)?/g;
/** An hour and minutes, or what is said like them: `415`, `9.30`, `1996`. */
const TWO_PARTS = /^(\d{1,2})\.?(\d\d)$/;
/** Two digits are hardly ever said one by one. */
const MIN_DIGITS_APART = 3;
/** Longer rows are read digit by digit, or as they stand. */
const MAX_ITEMS = 3;

/**
 * Writes the numbers of a text in the other ways in which they may have been meant: times without
 * their colon, rows of digits together, years, four digits with a comma. Digits stay what they are and
 * in their order.
 *
 * @param text - Clean text.
 * @returns For each number, or row of numbers, that has other ways: the whole text with it written in
 * each of these.
 */
export function rewriteNumbers(text: string): string[][] {
  return [...text.matchAll(ROW)]
    .map(({ 0: row, index }) =>
      [...rewriteRow(row)].map(
        (other) => text.slice(0, index) + other + text.slice(index + row.length),
      ),
    )
    .filter(({ length }) => length > 0);
}

function rewriteRow(row: string): Set<string> {
  const others = new Set<string>();
  const digits = row.match(/\d/g)!;
  if (digits.length >= MIN_DIGITS_APART && !row.includes('.')) {
    others.add(digits.join(' '));
  }
  others.add(row.replaceAll('-', ' '));
  const items = row.match(ITEM)!;
  if (items.length <= MAX_ITEMS) {
    for (const other of combine(row.split(ITEM), items.map(rewriteItem))) {
      others.add(other);
    }
  }
  others.delete(row);
  return others;
}

/** Every choice of a way for each item, with what stands between them. */
function combine(between: readonly string[], items: readonly (readonly string[])[]): string[] {
  return items.reduce<string[]>(
    (starts, ways, index) =>
      starts.flatMap((start) => ways.map((way) => start + way + between[index + 1]!)),
    [between[0]!],
  );
}

/** The item as it stands, and its other ways. */
function rewriteItem(item: string): string[] {
  const parts = TWO_PARTS.exec(item);
  if (parts === null) {
    return [item];
  }
  const [first, last] = [parts[1]!, parts[2]!];
  const others = [item, `${first}${isTime(first, last) ? ':' : ' '}${last}`];
  if (/^[1-9]\d{3}$/.test(item)) {
    others.push(`${item[0]!},${item.slice(1)}`);
    if (last === '00') {
      others.push(`${first} hundred`);
    }
  }
  return others;
}

function isTime(hour: string, minute: string): boolean {
  return Number(hour) >= 1 && Number(hour) <= 23 && Number(minute) < 60;
}
