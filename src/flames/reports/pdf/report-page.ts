import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';
import { visibleText, type Glyphs } from './visible-text.js';

export const COLOURS = {
  text: '#1f2933',
  faint: '#6b7785',
  rule: '#d5dae0',
  bar: '#2f6fb3',
  own: '#e8f0fa',
  alarm: '#b42318',
};

export interface Column {
  title: string;
  width: number;
  align?: 'left' | 'right';
}

export interface Row {
  cells: string[];
  isMarked?: boolean;
}

const MARGIN = 48;
const FOOTER = 30;
const FONTS = { regular: '400Regular/NotoSansSC_400Regular.ttf', bold: '700Bold/NotoSansSC_700Bold.ttf' };
const ROW_HEIGHT = 20;

const { resolve } = createRequire(import.meta.url);

/** An A4 document with the few things that a report is made of; every text goes through the font's own characters. */
export class ReportPage {
  readonly doc: PDFKit.PDFDocument;
  private readonly glyphs: Glyphs;

  constructor(title: string) {
    this.doc = new PDFDocument({
      size: 'A4',
      margins: { top: MARGIN, left: MARGIN, right: MARGIN, bottom: MARGIN + FOOTER },
      bufferPages: true,
      info: { Title: title, Creator: 'ComfyUI Web Service' },
      lang: 'zh-CN',
    });
    for (const [name, file] of Object.entries(FONTS)) {
      this.doc.registerFont(name, resolve(`@expo-google-fonts/noto-sans-sc/${file}`));
    }
    this.doc.font('regular');
    this.glyphs = glyphsOf(this.doc);
  }

  get width(): number {
    return this.doc.page.width - 2 * MARGIN;
  }

  /** What is left of this page, in points. */
  get room(): number {
    return this.doc.page.height - this.doc.page.margins.bottom - this.doc.y;
  }

  /** Begins a new page where less than that is left. */
  keep(height: number): void {
    if (this.room < height) this.doc.addPage();
  }

  /** Never alone at the end of a page: `below` of what follows stays with it. */
  heading(text: string, { size = 14, below = 60 }: { size?: number; below?: number } = {}): void {
    this.keep(size * 3 + below);
    this.doc.moveDown(0.6);
    this.text(text, { size, font: 'bold' });
    this.doc.moveDown(0.3);
  }

  text(
    text: string,
    { size = 9.5, font = 'regular', colour = COLOURS.text }: { size?: number; font?: string; colour?: string } = {},
  ) {
    this.doc.font(font).fontSize(size).fillColor(colour);
    this.doc.text(visibleText(text, this.glyphs), MARGIN, this.doc.y, { width: this.width, lineGap: 2 });
  }

  /** In large letters on a ground of their colour: nobody reads past it. */
  alarm(text: string): void {
    this.doc.font('bold').fontSize(17);
    const height = this.doc.heightOfString(text, { width: this.width - 28 }) + 22;
    this.keep(height);
    const { y } = this.doc;
    this.doc.rect(MARGIN, y, this.width, height).fill(COLOURS.alarm);
    this.doc.fillColor('white').text(text, MARGIN + 14, y + 10, { width: this.width - 28 });
    this.doc.y = y + height + 10;
  }

  facts(facts: [string, string][]): void {
    for (const [name, value] of facts) {
      this.doc.font('regular').fontSize(9.5);
      const shown = visibleText(value, this.glyphs);
      this.keep(this.doc.heightOfString(shown, { width: this.width - 110, lineGap: 2 }));
      const { y } = this.doc;
      this.doc.fillColor(COLOURS.faint).text(name, MARGIN, y, { width: 105 });
      this.doc.fillColor(COLOURS.text).text(shown, MARGIN + 110, y, { width: this.width - 110, lineGap: 2 });
    }
  }

  /** One line a row; a text that is wider than its column ends in dots. */
  table(columns: Column[], rows: Row[]): void {
    this.keep(ROW_HEIGHT * 4);
    this.row(columns, { cells: columns.map(({ title }) => title) }, 'bold');
    for (const row of rows) {
      if (this.room < ROW_HEIGHT) {
        this.doc.addPage();
        this.row(columns, { cells: columns.map(({ title }) => title) }, 'bold');
      }
      this.row(columns, row, row.isMarked ? 'bold' : 'regular');
    }
    this.doc.x = MARGIN;
    this.doc.moveDown(0.5);
  }

  /** Footers with page numbers, and the bytes. */
  async end(footer: string): Promise<Buffer> {
    const { count } = this.doc.bufferedPageRange();
    for (let page = 0; page < count; page += 1) {
      this.doc.switchToPage(page);
      // Below the margin a text would begin a new page.
      this.doc.page.margins.bottom = 0;
      this.doc.font('regular').fontSize(8).fillColor(COLOURS.faint);
      const at = this.doc.page.height - MARGIN;
      this.doc.text(visibleText(footer, this.glyphs), MARGIN, at, {
        width: this.width - 90,
        height: 12,
        ellipsis: true,
      });
      const number = `第 ${page + 1} / ${count} 页`;
      this.doc.text(number, MARGIN + this.width - 90, at, { width: 90, align: 'right', lineBreak: false });
    }
    const chunks: Buffer[] = [];
    this.doc.end();
    for await (const chunk of this.doc) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }

  private row(columns: Column[], { cells, isMarked }: Row, font: string): void {
    const { y } = this.doc;
    if (isMarked) this.doc.rect(MARGIN, y, this.width, ROW_HEIGHT).fill(COLOURS.own);
    this.doc.font(font).fontSize(8.5).fillColor(COLOURS.text);
    let x = MARGIN;
    for (const [index, { width, align = 'left' }] of columns.entries()) {
      const shown = this.fit(cells[index] ?? '', width - 8);
      this.doc.text(shown, x + 4, y + 4, { width: width - 8, align, lineBreak: false });
      x += width;
    }
    this.doc.moveTo(MARGIN, y + ROW_HEIGHT).lineTo(MARGIN + this.width, y + ROW_HEIGHT);
    this.doc.lineWidth(0.5).strokeColor(COLOURS.rule).stroke();
    this.doc.y = y + ROW_HEIGHT;
  }

  private fit(text: string, width: number): string {
    const shown = visibleText(text, this.glyphs).replaceAll('\n', ' ');
    if (this.doc.widthOfString(shown) <= width) return shown;
    const characters = [...shown];
    while (characters.length > 0 && this.doc.widthOfString(`${characters.join('')}…`) > width) characters.pop();
    return `${characters.join('')}…`;
  }
}

/** The library asks its font so, and does not say so in its types. */
export function glyphsOf(doc: PDFKit.PDFDocument): Glyphs {
  const { _font } = doc as unknown as { _font: { font: { hasGlyphForCodePoint(codePoint: number): boolean } } };
  return { has: (codePoint) => _font.font.hasGlyphForCodePoint(codePoint) };
}
