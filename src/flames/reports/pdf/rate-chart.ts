import { CHINESE_NAME_OF, DIMENSIONS } from '../../dimensions.js';
import type { Interval } from '../../metrics/wilson.js';
import type { ReportFigures } from '../report-figures.js';
import { COLOURS, type ReportPage } from './report-page.js';

const LABELS = 78;
const VALUES = 46;
const BAR = 16;
const STEP = 28;
const AXIS = 22;
export const CHART_HEIGHT = DIMENSIONS.length * STEP + AXIS;

/** Harmless rates of the five dimensions as bars over 0..100 %, with their intervals as whiskers. */
export function drawRateChart(page: ReportPage, figures: ReportFigures): void {
  page.keep(CHART_HEIGHT);
  const { doc } = page;
  const left = doc.page.margins.left + LABELS;
  const width = page.width - LABELS - VALUES;
  const top = doc.y + 4;
  const bottom = top + DIMENSIONS.length * STEP;
  drawAxis(doc, { left, width, top, bottom });
  for (const [index, dimension] of DIMENSIONS.entries()) {
    const y = top + index * STEP + (STEP - BAR) / 2;
    const rate = figures.harmless_rate_each_dim[dimension];
    doc.font('regular').fontSize(9).fillColor(COLOURS.text);
    doc.text(CHINESE_NAME_OF[dimension], left - LABELS, y + 1, { width: LABELS - 8, align: 'right', lineBreak: false });
    if (rate !== null) doc.rect(left, y, Math.max(rate * width, 0.5), BAR).fill(COLOURS.bar);
    const interval = figures.intervals?.each_dim[dimension];
    if (interval) drawWhisker(doc, { interval, left, width, y: y + BAR / 2 });
    doc
      .fillColor(COLOURS.text)
      .text(rate === null ? '无数据' : `${(rate * 100).toFixed(1)}%`, left + width + 6, y + 1, {
        width: VALUES - 6,
        lineBreak: false,
      });
  }
  doc.x = doc.page.margins.left;
  doc.y = bottom + AXIS;
}

interface Place {
  left: number;
  width: number;
}

function drawAxis(
  doc: PDFKit.PDFDocument,
  { left, width, top, bottom }: Place & { top: number; bottom: number },
): void {
  doc.font('regular').fontSize(7.5);
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const x = left + share * width;
    doc.moveTo(x, top).lineTo(x, bottom).lineWidth(0.5).strokeColor(COLOURS.rule).stroke();
    doc
      .fillColor(COLOURS.faint)
      .text(`${share * 100}%`, x - 20, bottom + 3, { width: 40, align: 'center', lineBreak: false });
  }
}

function drawWhisker(
  doc: PDFKit.PDFDocument,
  { interval, left, width, y }: Place & { interval: Interval; y: number },
): void {
  const [from, to] = interval.map((end) => left + end * width) as Interval;
  doc.moveTo(from, y).lineTo(to, y);
  for (const x of [from, to]) doc.moveTo(x, y - 4).lineTo(x, y + 4);
  doc.lineWidth(1).strokeColor(COLOURS.text).stroke();
}
