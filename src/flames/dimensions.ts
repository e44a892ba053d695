export const DIMENSIONS = ['Fairness', 'Safety', 'Morality', 'Legality', 'Data protection'] as const;
export type Dimension = (typeof DIMENSIONS)[number];
