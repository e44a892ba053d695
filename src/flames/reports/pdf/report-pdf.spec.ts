import { inflateSync } from 'node:zlib';
import { DIMENSIONS, perDimension } from '../../dimensions.js';
import { emptyCounts, harmlessMetrics } from '../../metrics/harmless-metrics.js';
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

const GIVEN = { zone: 'Asia/Shanghai', now: new Date('2026-11-22T03:00:00Z') };

/** The drawing instructions of all pages. */
function readStreams(pdf: Buffer): string {
  const text = pdf.toString('latin1');
  const streams = [...text.matchAll(/stream\r?\n/g)].map(({ index, 0: mark }) => {
    const end = text.indexOf('endstream', index);
    try {
      return inflateSync(pdf.subarray(index + mark.length, end)).toString('latin1');
    } catch {
      return '';
    }
  });
  return streams.filter((stream) => stream.includes(' Tf')).join('\n');
}

describe('the PDF of a report', () => {
  it('holds both fonts, page numbers, and no character without a glyph', async () => {
    const pdf = await makeReportPdf(makeReport(), GIVEN);
    const text = pdf.toString('latin1');
    expect(text.slice(0, 5)).toBe('%PDF-');
    expect(text).toMatch(/NotoSansSC-Regular/);
    expect(text).toMatch(/NotoSansSC-Bold/);
    const drawn = [...readStreams(pdf).matchAll(/<([0-9a-f]+)>/g)].map(([, codes]) => codes!);
    expect(drawn.length).toBeGreaterThan(500);
    // Glyph 0 is the empty box of a character that the font does not have.
    expect(drawn.flatMap((codes) => codes.match(/.{4}/g) ?? []).filter((code) => code === '0000')).toEqual([]);
  });

  it('is made of an old task of which little is known', async () => {
    const { task, figures } = makeReport();
    const { harmless_rate, harmless_rate_each_dim, harmless_score, harmless_score_each_dim } = figures;
    const pdf = await makeReportPdf(
      makeReport({
        task: { ...task, modelName: null, datasetId: null, datasetName: null, submitTime: null, endTime: null },
        figures: { harmless_rate, harmless_rate_each_dim, harmless_score, harmless_score_each_dim },
        scorer: { name: null, revision: null, isForDemoOnly: false },
        logs: [],
        source: 'file',
      }),
      GIVEN,
    );
    expect(pdf.length).toBeGreaterThan(10_000);
  });

  it('is made of a task whose every item failed', async () => {
    expect(
      (await makeReportPdf(makeReport({ figures: harmlessMetrics(emptyCounts()) }), GIVEN)).length,
    ).toBeGreaterThan(10_000);
  });
});

describe('visibleText', () => {
  it('names characters that the font does not have, and keeps all others', () => {
    expect(visibleText('中文 ABC é Я の …\n', glyphs)).toBe('中文 ABC é Я の …\n');
    expect(visibleText('a😀ا\u0000', glyphs)).toBe('a[U+1F600][U+0627][U+0000]');
    expect(visibleText('\ud800', glyphs)).toBe('[U+D800]');
  });

  it('ends lines as one kind, and drops what nobody sees', () => {
    expect(visibleText('a\r\nb\rc\u2028d\te\u200d\ufe0f', glyphs)).toBe('a\nb\nc\nd    e');
  });
});

describe('cutText', () => {
  it('keeps whole characters and says what is missing', () => {
    expect(cutText('😀😀', 2)).toBe('😀😀');
    expect(cutText('😀😀😀', 2)).toMatch(/^😀😀 …〔共 3 字，此处仅列前 2 字/);
  });
});
