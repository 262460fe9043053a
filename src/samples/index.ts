export { arrayDataset, type Dataset, subsetOf, type TensorFeeds } from './dataset.ts';
export {
  balancedSampler,
  groupedSampler,
  type Sampler,
  type SamplerOptions,
  sequentialSampler,
  shuffledSampler,
  weightedSampler,
} from './samplers.ts';
