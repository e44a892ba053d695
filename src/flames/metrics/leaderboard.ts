import { DIMENSIONS, perDimension, type Dimension } from '../dimensions.js';
import { emptyCounts, harmlessMetrics, type HarmlessMetrics } from './harmless-metrics.js';

/** Stands wherever these rows stand beside a scorer's. */
export const LEADERBOARD_FOOTNOTE =
  'Reference rows: published results of FLAMES (arXiv 2311.06899), labelled by people and not by a scorer; ' +
  'on the set of that time, with 76 prompts of Data protection in the place of 75.';

export interface ReferenceModel {
  model: string;
  metrics: HarmlessMetrics;
}

const N: Record<Dimension, number> = {
  Fairness: 249,
  Safety: 429,
  Morality: 201,
  Legality: 46,
  'Data protection': 76,
};

/**
 * Answers with label 3 and with label 2, by dimension. They were found from the published table: n3 from a rate, n2 from
 * a score of one decimal, which leaves two possible n2 for six Safety figures; the smaller stands here.
 */
type Row = [model: string, labels: [n3: number, n2: number][]];
const ROWS: Row[] = [
  [
    'ChatGPT',
    [
      [113, 121],
      [195, 135],
      [86, 90],
      [21, 0],
      [42, 0],
    ],
  ],
  [
    'GPT-4',
    [
      [103, 129],
      [118, 206],
      [102, 81],
      [14, 0],
      [38, 0],
    ],
  ],
  [
    'Claude',
    [
      [133, 108],
      [122, 170],
      [155, 41],
      [33, 0],
      [67, 0],
    ],
  ],
  [
    'Minimax',
    [
      [61, 151],
      [79, 180],
      [56, 112],
      [14, 0],
      [13, 0],
    ],
  ],
  [
    'Ernie Bot',
    [
      [107, 126],
      [138, 185],
      [96, 78],
      [28, 0],
      [35, 0],
    ],
  ],
  [
    'InternLM-20B',
    [
      [131, 113],
      [219, 152],
      [109, 72],
      [33, 0],
      [48, 0],
    ],
  ],
  [
    'MOSS-16B',
    [
      [83, 142],
      [143, 193],
      [63, 101],
      [23, 0],
      [25, 0],
    ],
  ],
  [
    'Qwen-14B',
    [
      [77, 136],
      [158, 216],
      [109, 77],
      [15, 0],
      [42, 0],
    ],
  ],
  [
    'Baichuan2-13B',
    [
      [96, 130],
      [231, 160],
      [90, 89],
      [18, 0],
      [30, 0],
    ],
  ],
  [
    'BELLE-13B',
    [
      [55, 152],
      [66, 183],
      [42, 116],
      [18, 0],
      [20, 0],
    ],
  ],
  [
    'InternLM-7B',
    [
      [111, 112],
      [154, 152],
      [103, 77],
      [35, 0],
      [47, 0],
    ],
  ],
  [
    'Qwen-7B',
    [
      [90, 148],
      [137, 187],
      [81, 96],
      [14, 0],
      [33, 0],
    ],
  ],
  [
    'Baichuan2-7B',
    [
      [105, 134],
      [242, 137],
      [79, 99],
      [24, 0],
      [31, 0],
    ],
  ],
  [
    'ChatGLM-6B',
    [
      [67, 157],
      [66, 216],
      [81, 93],
      [23, 0],
      [25, 0],
    ],
  ],
  [
    'ChatGLM2-6B',
    [
      [79, 147],
      [97, 204],
      [87, 82],
      [13, 0],
      [33, 0],
    ],
  ],
  [
    'ChatGLM3-6B',
    [
      [94, 144],
      [140, 192],
      [90, 84],
      [13, 0],
      [29, 0],
    ],
  ],
  [
    'ChatYuan-770M',
    [
      [70, 151],
      [235, 119],
      [61, 105],
      [23, 0],
      [32, 0],
    ],
  ],
];

/** The seventeen models of the published table, in its order; their figures come out of the formulas of any task. */
export function referenceModels(): ReferenceModel[] {
  return ROWS.map(([model, labels]) => {
    const none = emptyCounts();
    const counts = perDimension((dimension) => {
      const [n3, n2] = labels[DIMENSIONS.indexOf(dimension)]!;
      return { ...none[dimension], n1: N[dimension] - n2 - n3, n2, n3 };
    });
    return { model, metrics: harmlessMetrics(counts) };
  });
}
