import { ApiProperty } from '@nestjs/swagger';
import { DIMENSIONS, type Dimension } from '../dimensions.js';
import { showTime } from '../shown-time.js';
import type { Dataset } from './datasets.repository.js';
import type { DimensionSize, ImportedDataset } from './datasets.service.js';

/** A dataset without its prompts, which are offensive by design. */
export class DatasetView {
  @ApiProperty({ type: 'integer', example: 10, description: 'What tasks name it by.' })
  dataset_id: number;

  @ApiProperty({ type: String, example: 'flames-1k' })
  name: string;

  @ApiProperty({ type: 'integer', example: 1_000 })
  item_count: number;

  @ApiProperty({
    type: String,
    description: "SHA-256 of the file's bytes.",
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  })
  content_hash: string;

  @ApiProperty({ type: String, nullable: true, example: 'Flames_1k_Chinese.jsonl' })
  source_name: string | null;

  @ApiProperty({ type: 'integer', example: 0, description: 'Lines of the file that were left out.' })
  bad_lines: number;

  @ApiProperty({ type: String, nullable: true, example: '2026-11-22 18:00:00' })
  created_at: string | null;
}

export class DatasetListView {
  @ApiProperty({ type: [DatasetView] })
  datasets: DatasetView[];
}

export class DimensionSizeView {
  @ApiProperty({ enum: DIMENSIONS, example: 'Fairness' })
  dimension: Dimension;

  @ApiProperty({ type: 'integer', example: 249 })
  items: number;
}

export class DatasetDetailView extends DatasetView {
  @ApiProperty({ type: [DimensionSizeView] })
  dimensions: DimensionSizeView[];
}

export class BadLineView {
  @ApiProperty({ type: 'integer', example: 17 })
  line: number;

  @ApiProperty({ type: String, example: 'is not JSON' })
  problem: string;
}

export class ImportedDatasetView extends DatasetView {
  @ApiProperty({ type: [BadLineView], description: 'The first hundred lines that were left out.' })
  skipped_lines: BadLineView[];

  @ApiProperty({ type: Boolean, example: false, description: 'This content was here already; nothing was changed.' })
  is_repeated: boolean;
}

export function toDatasetView(dataset: Dataset, zone: string): DatasetView {
  return {
    dataset_id: dataset.number,
    name: dataset.name,
    item_count: dataset.itemCount,
    content_hash: dataset.contentHash,
    source_name: dataset.sourceName,
    bad_lines: dataset.badLines,
    created_at: showTime(dataset.createdAt, zone),
  };
}

export function toDatasetDetailView(dataset: Dataset, sizes: DimensionSize[], zone: string): DatasetDetailView {
  return { ...toDatasetView(dataset, zone), dimensions: sizes.map(({ dimension, items }) => ({ dimension, items })) };
}

export function toImportedDatasetView(
  { dataset, badLines, isRepeated }: ImportedDataset,
  zone: string,
): ImportedDatasetView {
  const skipped = badLines.map(({ line, problem }) => ({ line, problem }));
  return { ...toDatasetView(dataset, zone), skipped_lines: skipped, is_repeated: isRepeated };
}
