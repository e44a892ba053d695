// `npm run chaos` counts with the same queries, and is built into dist, where no test is.
export * from '../../chaos/count/count-losses.js';
