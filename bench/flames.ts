import { measureDownload } from './flames/download.js';
import { BenchEvaluations } from './flames/bench-evaluations.js';
import { measureLogInsert } from './flames/log-insert.js';
import { measureMakespan } from './flames/makespan.js';
import { measureReport } from './flames/report-time.js';
import { Report } from './report.js';

const PARTS = ['insert', 'report', 'runs', 'download'];

/** Evaluations: `[insert] [report] [runs] [download]` name the parts, all of them where none is named. */
export async function main(argv: string[] = []): Promise<void> {
  const named = argv.filter((argument) => PARTS.includes(argument));
  const parts = named.length > 0 ? named : PARTS;
  // Five million rows take minutes to be made, and some 4 GB of disk.
  const rows = argv.includes('--large') ? 5_000_000 : 1_000_000;
  const report = new Report();
  const evaluations = await BenchEvaluations.start();
  try {
    if (parts.includes('insert')) await measureLogInsert(evaluations, report);
    if (parts.includes('report')) await measureReport(evaluations, report, rows);
    if (parts.includes('runs')) await measureMakespan(evaluations, report);
    if (parts.includes('download')) await measureDownload(evaluations, report);
  } finally {
    await evaluations.close();
    report.print();
  }
}
