import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Report } from '../reports.service.js';
import { makeReportPdf } from './report-pdf.js';

export interface PdfOrder {
  report: Report;
  given: { zone: string; now: Date };
}

const FILE = fileURLToPath(new URL('./report-pdf.worker.js', import.meta.url));
const LONGEST_MS = 30_000;
const MOST_MEMORY_MB = 512;

/**
 * In a thread of its own, for cutting the fonts down to the characters used takes hundreds of ms in one piece. Where only
 * the sources are, as in tests, there is no such file to run, and the same is done in place.
 */
export async function makePdfAside(report: Report, given: PdfOrder['given']): Promise<Buffer> {
  if (!existsSync(FILE)) return makeReportPdf(report, given);
  const workerData: PdfOrder = { report, given };
  const worker = new Worker(FILE, { workerData, resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB } });
  try {
    return Buffer.from(await firstMessage(worker));
  } finally {
    await worker.terminate();
  }
}

function firstMessage(worker: Worker): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not made within ${LONGEST_MS} ms`)), LONGEST_MS);
    worker
      .once('message', resolve)
      .once('error', reject)
      .once('exit', (code) => {
        clearTimeout(timer);
        reject(new Error(`its thread ended with ${code} and no PDF`));
      });
  });
}
