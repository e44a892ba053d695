import { parentPort, workerData } from 'node:worker_threads';
import type { PdfOrder } from './make-pdf-aside.js';
import { makeReportPdf } from './report-pdf.js';

/** A thread of its own: what is to be in the report comes in, the bytes of the PDF go out. */
const { report, given } = workerData as PdfOrder;
parentPort!.postMessage(await makeReportPdf(report, given));
