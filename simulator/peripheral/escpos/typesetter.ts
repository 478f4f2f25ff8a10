/** Puts characters and pictures into lines, and lines onto paper. */
import type { Bitmap } from "./bitmap.js";
import { character } from "./codepage.js";
import { Line } from "./line.js";
import type { Paper } from "./paper.js";
import { defaultLayout, defaultStyle } from "./style.js";
import type { Layout, Style } from "./style.js";

export class Typesetter {
  style: Style = defaultStyle();
  layout: Layout = defaultLayout();
  private readonly line = new Line();

  constructor(readonly paper: Paper) {}

  reset(): void {
    this.style = defaultStyle();
    this.layout = defaultLayout();
    this.line.clear();
  }

  /** Dots in which a line has room. */
  get room(): number {
    return Math.min(this.layout.areaWidth, this.paper.width - this.layout.leftMargin);
  }

  get lineIsEmpty(): boolean {
    return this.line.empty;
  }

  /** A byte of text. A character that has no room starts the next line. */
  text(b: number): void {
    const { style } = this;
    this.makeRoom(style.font.width * style.width);
    this.line.character(character(b, style.codePage, style.characterSet), style);
  }

  wideText(): void {
    this.makeRoom(2 * this.style.font.width * this.style.width);
    this.line.wideCharacter(this.style);
  }

  /** A picture in the line. What has no room is cut off. */
  inline(dots: Bitmap): void {
    const room = Math.max(0, this.room - this.line.x);
    this.line.picture(dots.width > room ? dots.crop(0, 0, room, dots.height) : dots);
  }

  private makeRoom(width: number): void {
    if (this.line.x + width > this.room && this.line.x > 0) this.newLine();
  }

  /** LF: prints the line; the next one is at least the line spacing below it. */
  newLine(): void {
    this.printLine(this.layout.lineSpacing);
  }

  /** ESC J: prints the line and feeds this far, or by its height. */
  printLine(advance: number): void {
    const height = this.line.height;
    if (!this.line.empty) {
      const { dots, runs } = this.line.take();
      const left = this.left(dots.width);
      if (runs) this.paper.addText(this.turned(dots), left, runs);
      else this.paper.addPicture(this.turned(dots), left);
    }
    this.line.clear();
    this.paper.feed(Math.max(0, advance - height));
  }

  /** A picture on lines of its own, aligned. What is wider than the area is cut off. */
  block(dots: Bitmap, text?: string): void {
    if (!this.line.empty) this.newLine();
    const room = this.room;
    const fitting = dots.width > room ? dots.crop(0, 0, room, dots.height) : dots;
    this.paper.addPicture(this.turned(fitting), this.left(fitting.width), text);
  }

  private turned(dots: Bitmap): Bitmap {
    return this.style.upsideDown ? dots.rotate180() : dots;
  }

  /** Where something of this width begins. Upside down, left and right change places. */
  private left(width: number): number {
    const { align, leftMargin } = this.layout;
    const spare = Math.max(0, this.room - width);
    const share = align === "center" ? Math.floor(spare / 2) : align === "right" ? spare : 0;
    return leftMargin + (this.style.upsideDown ? spare - share : share);
  }

  /** Moves to a position in the line; one that is not in it is ignored. */
  moveTo(x: number): void {
    if (x >= 0 && x <= this.room) this.line.x = x;
  }

  /** Forgets what is in the line. */
  clearLine(): void {
    this.line.clear();
  }

  moveBy(dx: number): void {
    this.moveTo(this.line.x + dx);
  }

  tab(): void {
    const next = this.layout.tabs.find((stop) => stop > this.line.x);
    if (next !== undefined) this.moveTo(next);
  }
}
