export {
  filled,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initialiser,
  lecunNormal,
  lecunUniform,
  normal,
  ones,
  orthogonal,
  truncatedNormal,
  uniform,
  zeros,
} from './initialisers.ts';
export {
  type AttentionOptions,
  type AttentionParameters,
  attentionParameters,
  multiHeadAttention,
} from './layers/attention.ts';
export { type BatchNormParameters, batchNorm, batchNormParameters } from './layers/batchNorm.ts';
export {
  type ConvolutionOptions,
  type ConvolutionParameters,
  convolution,
  convolutionParameters,
  depthwiseConvolution,
  depthwiseParameters,
  type SeparableParameters,
  separableConvolution,
  separableParameters,
} from './layers/convolution.ts';
export { dropout } from './layers/dropout.ts';
export { type EmbeddingParameters, embedding, embeddingParameters } from './layers/embedding.ts';
export { type LayerNormParameters, layerNorm, layerNormParameters } from './layers/layerNorm.ts';
export { type LinearOptions, type LinearParameters, linear, linearParameters } from './layers/linear.ts';
export { type MlpOptions, mlp, mlpParameters } from './layers/mlp.ts';
export {
  type DirectionParameters,
  gruLayer,
  gruParameters,
  lstmLayer,
  lstmParameters,
  type RecurrentLayerOptions,
  type RecurrentParameters,
  type RecurrentReading,
  type RecurrentStates,
} from './layers/recurrent.ts';
export {
  type BinaryCrossEntropyOptions,
  binaryCrossEntropy,
  type CrossEntropyOptions,
  crossEntropy,
  type FocalOptions,
  focalLoss,
} from './losses/classification.ts';
export { type Loss, meanLoss, presenceOf, type WeightOptions } from './losses/loss.ts';
export {
  absoluteError,
  clippedAbsoluteError,
  cosineProximity,
  huberError,
  l2Penalty,
  quantileError,
  type SymmetricErrorOptions,
  squaredError,
  symmetricError,
} from './losses/regression.ts';
export { type SoftFBetaOptions, softFBeta } from './losses/softFBeta.ts';
export {
  type NasNetOptions,
  type NasNetParameters,
  type NasNetSizes,
  nasNet,
  nasNetParameters,
  nasNetSizes,
} from './models/nasNet.ts';
export {
  type ImageModelOptions,
  type ResNetParameters,
  resNet,
  resNet18Parameters,
  resNet50Parameters,
  resNetParameters,
} from './models/resNet.ts';
export {
  type ShortcutNetworkParameters,
  shortcutNetwork,
  shortcutNetworkParameters,
} from './models/shortcutNetwork.ts';
export {
  type InitialisedModel,
  initialise,
  type ParameterPlan,
  type ParameterPlans,
  type Parameters,
  parameterCount,
  placeholders,
  planned,
  valuesOf,
} from './parameters.ts';
export {
  formatSummary,
  type ModelSummary,
  type SummaryOptions,
  type SummaryRow,
  summarise,
} from './summary.ts';
export { moveStatistics, sampleKeys, type TrainingPass, trainingPass } from './trainingPass.ts';
