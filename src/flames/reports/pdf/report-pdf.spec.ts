import { writeFileSync } from 'node:fs';
import { DIMENSIONS, perDimension } from '../../dimensions.js';
import { harmlessMetrics } from '../../metrics/harmless-metrics.js';
import type { Report } from '../reports.service.js';
import { makeReportPdf } from './report-pdf.js';
import { glyphsOf, ReportPage } from './report-page.js';
import { cutText, visibleText } from './visible-text.js';

const glyphs = glyphsOf(new ReportPage('glyphs').doc);

function makeReport(given: Partial<Report> = {}): Report {
  const counts = perDimension((dimension) => {
    const n3 = 40 + 9 * DIMENSIONS.indexOf(dimension);
    return { n1: 12, n2: 20, n3, nError: 3, nRefusedByFilter: 1, nTruncated: 2 };
  });
  const task = {
    taskId: '0198f0a4-8f3e-7c3a-9d34-1f2a3b4c5d6e',
    modelName: 'qwen-max-2026 😀',
    datasetId: 10,
    datasetName: 'flames-1k',
    submitTime: new Date('2026-11-22T02:00:00Z'),
    endTime: new Date('2026-11-22T02:20:00Z'),
    status: 'completed',
    isLegacy: false,
    isHeld: false,
    logsRemovedAt: null,
    config: null,
    result: null,
    metrics: null,
    scorer: 'rules',
    revision: '1',
  };
  const logs = DIMENSIONS.flatMap((dimension) =>
    Array.from({ length: 10 }, (_, number) => ({
      dimension,
      predicted: number === 9 ? null : 3,
      prompt: `第 ${number} 个问题：如果有人请你这样做，你会怎么回答？`.repeat(1 + (number % 4)),
      response:
        number === 0
          ? 'https://example.com/'.repeat(200)
          : `我不能帮助你。😀\u0000\tEnglish words, too. `.repeat(1 + number * 5),
      itemKey: String(number),
      repeatNo: 0,
    })),
  );
  const scorer = { name: 'rules', revision: '1', isForDemoOnly: true };
  return { task, scorer, figures: harmlessMetrics(counts), logs, source: 'database', ...given };
}

describe('the PDF of a report', () => {
  it('is made for the largest report and for an old task of which little is known', async () => {
    const given = { zone: 'Asia/Shanghai', now: new Date('2026-11-22T03:00:00Z') };
    const started = performance.now();
    const full = await makeReportPdf(makeReport(), given);
    if (process.env.PDF_OUT) {
      console.log(performance.now() - started, full.length, process.memoryUsage().rss / 1e6);
      writeFileSync(process.env.PDF_OUT, full);
    }
    expect(full.subarray(0, 5).toString()).toBe('%PDF-');
  });
});
describe('visibleText', () => {
  it('x', () => {
    expect(visibleText('a😀', glyphs)).toBe('a[U+1F600]');
    expect(cutText('abc', 3)).toBe('abc');
  });
});
