/** A picture of dots in characters: two columns of four dots each (Unicode braille patterns, U+2800 to U+28FF). */

const EMPTY = 0x2800;
/** Bits of the dots of a character, by row and column. */
const BITS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];

export class Braille {
  /** In dots. */
  readonly width: number;
  readonly height: number;
  private readonly cells: Uint16Array;

  /** @param columns, rows in characters */
  constructor(
    private readonly columns: number,
    private readonly rows: number,
  ) {
    this.width = 2 * columns;
    this.height = 4 * rows;
    this.cells = new Uint16Array(columns * rows).fill(EMPTY);
  }

  /** @param x from the left, y from the top, in dots; what lies outside is left out */
  dot(x: number, y: number): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    this.cells[(y >> 2) * this.columns + (x >> 1)]! |= BITS[y & 3]![x & 1]!;
  }

  /** A line between two dots, both of them with it. */
  line(fromX: number, fromY: number, toX: number, toY: number): void {
    const steps = Math.max(Math.abs(toX - fromX), Math.abs(toY - fromY));
    for (let i = 0; i <= steps; i++) {
      const part = steps === 0 ? 0 : i / steps;
      this.dot(Math.round(fromX + part * (toX - fromX)), Math.round(fromY + part * (toY - fromY)));
    }
  }

  /** @param instead a character for a column where there is something to say about all of it */
  lines(instead: (column: number) => string | undefined = () => undefined): string[] {
    return Array.from({ length: this.rows }, (_, row) =>
      Array.from(
        { length: this.columns },
        (_, column) => instead(column) ?? String.fromCharCode(this.cells[row * this.columns + column]!),
      ).join(""),
    );
  }
}
